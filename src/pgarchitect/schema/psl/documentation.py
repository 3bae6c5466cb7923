"""Which ``///`` lines belong to what: those straight above it, and one behind it."""

from collections.abc import Iterator, Sequence

from pgarchitect.schema.psl.syntax import CommentLine, Line, TopLine


def documented(lines: Sequence[Line] | Sequence[TopLine]) -> Iterator[tuple[Line | TopLine, str]]:
    """Each line with the documentation that stands above it."""
    above: list[str] = []
    for line in lines:
        if isinstance(line, CommentLine):
            above = [*above, comment_text(line)] if line.doc else above
            continue
        yield line, "\n".join(above)
        above = []


def comment_text(comment: CommentLine) -> str:
    """The text of a ``///`` comment; one blank behind the slashes is not part of it."""
    return comment.text[3:].removeprefix(" ").rstrip()


def with_trailing(above: str, comment: CommentLine | None) -> str:
    """Documentation from above and from behind."""
    if comment is None or not comment.doc:
        return above
    return "\n".join(each for each in (above, comment_text(comment)) if each)
