"""Policies: rules of the users, judged on what a forecast comes to."""
