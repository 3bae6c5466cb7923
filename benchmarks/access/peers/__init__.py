"""One module a library: how its users would do each case."""
