"""The files of a schema.prisma and their texts."""

from pathlib import Path

from pgarchitect.errors import SchemaInvalid


def schema_sources(path: Path) -> dict[str, str]:
    """The files of a schema, in the order of their names, and their texts.

    Raises:
        SchemaInvalid: there is none, or one cannot be read.
    """
    files = sorted(each for each in path.rglob("*.prisma") if each.is_file()) if path.is_dir() else [path]
    if not files:
        raise SchemaInvalid(f"{path} holds no file *.prisma; name the schema's file or folder.")
    return {str(each): _text(each) for each in files}


def _text(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        reason = error.strerror or "unknown reason"
        raise SchemaInvalid(f"{path} cannot be read ({reason}); name the schema's file or folder.") from error
    except UnicodeDecodeError as error:
        raise SchemaInvalid(f"{path} is not UTF-8 (byte {error.start}); save it as UTF-8.") from error
