"""The migrations, from the first to the newest."""
