"""The commands: thin edges over the rooms."""
