"""What tables stand on: namespaces, extensions, sequences of nobody."""

from collections.abc import Iterator

from pgarchitect.schema.database_schema import DatabaseSchema, Extension
from pgarchitect.schema.ddl.namespaces import create_extension, create_schema
from pgarchitect.schema.ddl.quoting import literal, qualified, quote
from pgarchitect.schema.ddl.script import used_schemas
from pgarchitect.schema.ddl.sequences import create_sequence, drop_sequence
from pgarchitect.schema.difference.step import Step, StepKind


def foundation_steps(before: DatabaseSchema, after: DatabaseSchema, home: str) -> Iterator[Step]:
    """The steps; namespaces are never dropped, since others may have put something there."""
    for schema in sorted(used_schemas(after, home) - {home, *before.schemas}):
        yield Step(StepKind.CREATE_SCHEMA, (create_schema(schema),), quote(schema))
    yield from _extensions(before, after)
    ours = {(each.schema, each.name): each for each in before.sequences}
    theirs = {(each.schema, each.name): each for each in after.sequences}
    for sequence in (theirs[each] for each in theirs if each not in ours):
        name = qualified(sequence.schema, sequence.name, home)
        yield Step(StepKind.CREATE_SEQUENCE, (create_sequence(sequence, home),), name)
    for sequence in (ours[each] for each in ours if each not in theirs):
        name = qualified(sequence.schema, sequence.name, home)
        yield Step(StepKind.DROP_SEQUENCE, (drop_sequence(sequence, home),), name)


def _extensions(before: DatabaseSchema, after: DatabaseSchema) -> Iterator[Step]:
    ours = {each.name: each for each in before.extensions}
    theirs = {each.name: each for each in after.extensions}
    for name, extension in theirs.items():
        if name not in ours:
            yield Step(StepKind.CREATE_EXTENSION, (create_extension(extension),), quote(name))
        elif statements := tuple(_alterations(ours[name], extension)):
            yield Step(StepKind.ALTER_EXTENSION, statements, quote(name))
    for name in sorted(ours.keys() - theirs.keys()):
        yield Step(StepKind.DROP_EXTENSION, (f"DROP EXTENSION {quote(name)};",), quote(name))


def _alterations(old: Extension, new: Extension) -> Iterator[str]:
    """What is said of an extension and different."""
    if new.version and new.version != old.version:
        yield f"ALTER EXTENSION {quote(old.name)} UPDATE TO {literal(new.version)};"
    if new.schema and new.schema != old.schema:
        yield f"ALTER EXTENSION {quote(old.name)} SET SCHEMA {quote(new.schema)};"
