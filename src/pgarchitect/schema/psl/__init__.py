"""The Prisma Schema Language (PSL): ``schema.prisma`` as data, read, checked and written."""
