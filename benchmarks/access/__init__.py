"""The data layer against raw drivers and what else its users could pick, in Python and on Node."""
