"""Decisions: the rules, the one door to the solver, and what is made of its answers."""
