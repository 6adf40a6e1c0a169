"""Solves in processes of their own, with limits of time and memory, so that none can stop the others."""
