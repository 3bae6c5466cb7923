"""Sandboxes: copies of a database, or consistent samples of it, on private servers where anything may be tried."""
