# Written by scripts/sync_from_async.py from ../aio/__init__.py: change that one.
"""The data layer for threads, over psycopg."""
