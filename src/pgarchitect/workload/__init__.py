"""What the database is asked to do: sources of statements, their syntax, fingerprints and intent."""
