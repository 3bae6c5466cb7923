"""The rules of migration safety: one rule, one file; they are registered in ``safety/registry.py``."""
