"""The names of the constants of a schema file, and what they stand for."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from pgarchitect.schema.database_schema import DatabaseSchema
from pgarchitect.schema.mirrors.drizzle.client_values import FUNCTION_NAMES
from pgarchitect.schema.mirrors.drizzle.cycles import in_cycles
from pgarchitect.schema.mirrors.drizzle.types import BUILDERS
from pgarchitect.schema.mirrors.mirrored import Mirrored, home
from pgarchitect.schema.mirrors.names import take
from pgarchitect.schema.mirrors.typescript_code import RESERVED
from pgarchitect.schema.psl.prisma_schema import ManyToMany, PrismaSchema

_TAKEN = frozenset(
    [
        "check",
        "customType",
        "foreignKey",
        "index",
        "pgEnum",
        "pgMaterializedView",
        "pgSchema",
        "pgTable",
        "pgView",
        "primaryKey",
        "relations",
        "sql",
        "unique",
        "uniqueIndex",
        "one",
        "many",
        "table",
        "crypto",
        "Array",
        "BigInt",
        "Date",
        "Math",
        "String",
        "Uint8Array",
    ]
)


@dataclass(frozen=True, slots=True)
class Scope:
    """What constants are called.

    Attributes:
        models: name of a model → constant.
        tables: namespace and name of a table → constant.
        enums: namespace and name of an enum type → constant.
        schemas: namespace other than ``public`` → constant.
        pairs: name of an implicit many-to-many relation and its first model → constant of its table.
        written: name of a relation as it is written → how many fields have it.
        relations: constant of a table → constant of its relations.
        cyclic: namespace and name of each table whose foreign keys lead back to it by way of others.
        used: imports from ``drizzle-orm/pg-core`` that the file turned out to need.
        custom: type in SQL that Drizzle has no word for → constant; in the order in which they were met.
        made: values that the client makes, of which the file turned out to need the functions.
    """

    models: Mapping[str, str]
    tables: Mapping[tuple[str, str], str]
    enums: Mapping[tuple[str, str], str]
    schemas: Mapping[str, str]
    pairs: Mapping[tuple[str, str], str]
    written: Mapping[str, int]
    relations: Mapping[str, str]
    taken: frozenset[str]
    cyclic: frozenset[tuple[str, str]] = frozenset()
    used: set[str] = field(default_factory=set)
    custom: dict[str, str] = field(default_factory=dict)
    made: set[str] = field(default_factory=set)

    def builder(self, name: str) -> str:
        """A function of Drizzle, to be imported."""
        self.used.add(name)
        return name

    def custom_type(self, sql: str) -> str:
        """The constant for a type that Drizzle has no word for."""
        if sql not in self.custom:
            self.custom[sql] = free(_camel(sql), {*self.taken, *self.custom.values()})
        return self.custom[sql]


def scope(
    schema: PrismaSchema, database: DatabaseSchema, models: Iterable[Mirrored], pairs: Iterable[ManyToMany]
) -> Scope:
    """Names for everything; a name that is taken gets an underscore, a model's name goes before others."""
    taken = {*RESERVED, *_TAKEN, *BUILDERS, *FUNCTION_NAMES}
    named: dict[str, str] = {}
    tables: dict[tuple[str, str], str] = {}
    for each in models:
        named[each.model.name] = tables[each.schema, each.model.table] = take(_lower_first(each.model.name), taken)
    joined = {(each.relation, each.first): take(_lower_first(each.relation) + "Pairs", taken) for each in pairs}
    enums = {
        (each.schema or home(database), each.type_name): take(_lower_first(each.name), taken) for each in schema.enums
    }
    wheres = sorted({*(each.schema for each in database.tables), *(where for where, _ in (*tables, *enums))})
    schemas = {each: take(_camel(each) + "Schema", taken) for each in wheres if each != "public"}
    relations = {each: take(f"{each}Relations", taken) for each in (*named.values(), *joined.values())}
    ends = [each.relation for model in schema.models for each in model.relations]
    written = Counter(each.name for each in ends if each is not None and each.name is not None)
    return Scope(named, tables, enums, schemas, joined, written, relations, frozenset(taken), in_cycles(database))


def free(wanted: str, taken: Iterable[str]) -> str:
    """The name, with as many underscores behind it as it takes to be nobody else's."""
    names = set(taken)
    while wanted in names:
        wanted += "_"
    return wanted


def _lower_first(name: str) -> str:
    """``BehaviorLog`` → ``behaviorLog``, as Prisma's client has it."""
    joined = "".join(each if each.isidentifier() or each.isdigit() else "_" for each in name)
    return joined[:1].lower() + joined[1:]


def _camel(words: str) -> str:
    """``interval day to second(3)`` → ``intervalDayToSecond3``."""
    parts = "".join(each if each.isalnum() else " " for each in words).split()
    made = "".join(part[:1].upper() + part[1:] for part in parts)
    made = made[:1].lower() + made[1:]
    return made if made[:1].isalpha() else f"x{made}"
