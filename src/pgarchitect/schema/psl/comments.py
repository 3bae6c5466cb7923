"""What comments say: ``///`` and ``/* */`` document what follows or precedes them, ``//`` does not."""

from collections.abc import Iterable

from pgarchitect.schema.psl.syntax import Comment, CommentBlock


def documentation(block: CommentBlock) -> str:
    """The documentation in a block of comments, a line each; empty without any."""
    return "\n".join(_said(block.comments))


def joined(above: str, behind: Comment | None) -> str:
    """Documentation above a declaration and in the comment behind it."""
    words = "\n".join(_said([behind])) if behind else ""
    return f"{above}\n{words}" if above and words else above or words


def _said(comments: Iterable[Comment]) -> Iterable[str]:
    for each in comments:
        if each.mark == "///":
            yield each.text[3:].lstrip()
        elif each.mark == "/*":
            yield each.text[2:-2].strip()
