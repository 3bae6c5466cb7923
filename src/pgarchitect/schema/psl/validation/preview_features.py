"""Preview features that a generator may name."""

from typing import Final

ACTIVE: Final = (
    "fullTextSearchPostgres",
    "nativeDistinct",
    "partialIndexes",
    "postgresqlExtensions",
    "relationJoins",
    "schemaEngineDriverAdapters",
    "shardKeys",
    "strictUndefinedChecks",
    "typedSql",
    "views",
)
"""Those of Prisma 7.10 for PostgreSQL."""

FORMER: Final = frozenset(
    ["aggregateApi", "atomicNumberOperations", "clientExtensions", "cockroachdb", "connectOrCreate", "createMany", "dataProxy", "deno", "distinct", "driverAdapters", "extendedIndexes", "extendedWhereUnique", "fieldReference", "filterJson", "filteredRelationCount", "fullTextIndex", "fullTextSearch", "groupBy", "improvedQueryRaw", "insensitiveFilters", "interactiveTransactions", "jsonProtocol", "linting", "metrics", "microsoftSqlServer", "middlewares", "mongoDb", "mongodb", "multiSchema", "nApi", "namedConstraints", "napi", "nativeTypes", "omitApi", "orderByAggregateGroup", "orderByNulls", "orderByRelation", "prismaSchemaFolder", "queryCompiler", "queryRaw", "reactNative", "referentialActions", "referentialIntegrity", "selectRelationCount", "tracing", "transactionApi", "transactionalApi", "uncheckedScalarInputs"]
)
"""Those that Prisma had in versions 2 to 7 and has no longer, or always on: schemas of Prisma 5 and 6 name them."""
