"""A database's schema → SQL, as Prisma writes it: a file per kind of object, and the script that creates them all.

Names are always quoted. ``home`` is the schema that unqualified names mean; what lies in it is written without it.
"""
