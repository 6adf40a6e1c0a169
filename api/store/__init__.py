"""Revisions of clusters, kept in a database: SQLite, or PostgreSQL where several servers share it."""
