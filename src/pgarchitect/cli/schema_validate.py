"""``pgarchitect schema validate``: whether a schema.prisma means something."""

import typer

from pgarchitect.cli.schema_format import PathArgument
from pgarchitect.schema.places import schema_path
from pgarchitect.schema.psl.reading import read_schema


def validate(path: PathArgument = None) -> None:
    """Check the schema; every error is told with its line, and the exit code is 15."""
    found = schema_path(path)
    schema = read_schema(found)
    typer.echo(f"{found} is valid: {len(schema.models)} models, {len(schema.enums)} enums.")
