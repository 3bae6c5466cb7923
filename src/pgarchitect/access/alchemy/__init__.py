"""The other path: the client's operations as statements of SQLAlchemy Core, by which the fast path is compared."""
