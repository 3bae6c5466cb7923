"""Options that the commands of schemas and migrations share."""

from pathlib import Path
from typing import Annotated

import typer

Dsn = Annotated[
    str | None,
    typer.Argument(
        metavar="[DSN]", help="Connection URL; left out: the schema's datasource, or DATABASE_URL.", show_default=False
    ),
]
SchemaOption = Annotated[
    Path | None,
    typer.Option(
        "--schema",
        metavar="PATH",
        help="The schema's file or folder; left out: prisma/schema.prisma or schema.prisma.",
        show_default=False,
    ),
]
MigrationsOption = Annotated[
    Path | None,
    typer.Option(
        "--migrations", metavar="DIR", help="Folder of migrations; left out: beside the schema.", show_default=False
    ),
]
ShadowOption = Annotated[
    str | None,
    typer.Option(
        "--shadow-url",
        metavar="DSN",
        help="A server whose role may create databases, to try migrations on where they need extensions that the"
        " embedded one lacks; left out: the schema's shadowDatabaseUrl, or the embedded server.",
        show_default=False,
    ),
]
