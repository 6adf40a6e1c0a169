"""Ways in: the command line, and replays of what a real control plane did."""
