"""Why things are as they are, and why they happen when they do: derivations, led back to what was written."""
