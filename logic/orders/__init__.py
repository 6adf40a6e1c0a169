"""Orders: what holds in whichever order the controllers and the scheduler choose, and what in some."""
