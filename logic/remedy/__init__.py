"""Remedies: the smallest changes after which a goal holds."""
