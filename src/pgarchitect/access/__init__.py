"""The data layer: fast typed reads and writes of an application's tables, analytics, and the router between paths."""
