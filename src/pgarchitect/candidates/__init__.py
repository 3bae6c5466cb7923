"""What could be changed: one file per kind of change, each yielding candidates."""
