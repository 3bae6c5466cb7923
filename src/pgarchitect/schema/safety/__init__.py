"""Migration safety: what a migration's statements do to a live database, and the safe way to write each of them."""
