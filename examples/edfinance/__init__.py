"""edfinance: an ed-tech finance application on PostgreSQL, with the schema that Prisma leaves it with.

``generate`` fills a database, ``workload`` plays the application, and ``remedies`` says what a good database
architect should find in it (only tests read that).
"""
