"""``pgarchitect schema format``: a schema.prisma in Prisma's own layout."""

import os
import tempfile
from pathlib import Path
from typing import Annotated

import typer

from pgarchitect.errors import SchemaInvalid, UsageError
from pgarchitect.schema.places import schema_path
from pgarchitect.schema.psl.formatting import formatted_files
from pgarchitect.schema.psl.reading import schema_sources

PathArgument = Annotated[
    Path | None,
    typer.Argument(
        metavar="[PATH]",
        help="The schema's file or folder; left out: prisma/schema.prisma or schema.prisma.",
        show_default=False,
    ),
]


def format_schema(
    path: PathArgument = None,
    *,
    check: Annotated[
        bool, typer.Option("--check", help="Change nothing; exit code 15 if something would change.")
    ] = False,
) -> None:
    """Lay out the schema as Prisma's formatter does, and add the ends that its relations lack."""
    sources = schema_sources(schema_path(path))
    changed = {file: new for file, new in formatted_files(sources).items() if new != sources[file]}
    if check:
        if changed:
            raise SchemaInvalid(f"Not laid out: {', '.join(changed)}. Run `pgarchitect schema format`.")
        typer.echo(f"{len(sources)} file{'' if len(sources) == 1 else 's'} laid out already.")
        return
    for file, text in changed.items():
        write_file(Path(file), text)
        typer.echo(f"Laid out {file}")
    if not changed:
        typer.echo("Nothing to do.")


def write_file(file: Path, text: str) -> None:
    """Replace a file at once: it never stands there half written, and keeps its rights. Its folder is made if need be.

    Raises:
        UsageError: it cannot be written.
    """
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        handle, made = tempfile.mkstemp(prefix=f".{file.name}.", dir=file.parent)
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as new:
            new.write(text)
        Path(made).chmod(file.stat().st_mode & 0o777 if file.exists() else 0o644)
        Path(made).replace(file)
    except OSError as error:
        raise UsageError(f"{file} cannot be written ({error.strerror}); check its rights and the disk.") from error
