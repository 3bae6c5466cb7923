"""What the database is made of: its catalog as data."""
