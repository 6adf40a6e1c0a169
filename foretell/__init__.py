"""Foretell says what Kubernetes' controllers will do, in which order, and why, before they do it."""
