"""The tokens of the language as regular expressions, and a cursor that reads them.

The grammar is one of lines: blanks may stand between tokens, line breaks end declarations.
"""

import re
import unicodedata
from collections.abc import Callable
from typing import Final

BLANK: Final = r"[ \t\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]*+"
"""Unicode's space separators and tabs: what pest, Prisma's parser generator, takes for white space."""
BREAK: Final = r"(?:\r\n|\n|\r)"
NAME: Final = r"[^\W_](?:[^\W_]|[-_])*+"
PATH: Final = rf"{NAME}(?:\.(?:{NAME})?)*+"
STRING: Final = r'"(?:\\.|[^"\\\x00-\x1f])*+"'

_NO_NAME: Final = "\N{OBJECT REPLACEMENT CHARACTER}"


def pattern(expression: str) -> Callable[[str, int], re.Match[str] | None]:
    """A function that matches an expression at a place of a text, blanks before it skipped."""
    return re.compile(BLANK + expression, re.DOTALL).match


skip_blanks: Final = pattern("")
blank_lines: Final = re.compile(rf"(?:{BLANK}{BREAK})++").match
line: Final = pattern(rf"([^\r\n]++){BREAK}?")
line_end: Final = pattern(BREAK)
comment: Final = re.compile(rf"{BLANK}((///|//(?!/))[^\r\n]*+|(/\*)(?:(?!\*/).)*+\*/)", re.DOTALL).match
name: Final = pattern(rf"({NAME})")
path: Final = pattern(rf"({PATH})")
mark: Final = pattern(r"(@@?+|[()\[\],:=])")


def for_lexing(text: str) -> str:
    """The text in which numbers that are no digits (``²``, ``Ⅷ``) are of no name; as long as the text itself.

    To Python they belong to words, to Prisma they do not. Values are taken from the text itself.
    """
    if text.isascii():
        return text
    odd = {ord(each): _NO_NAME for each in set(text) if unicodedata.category(each) in {"Nl", "No"}}
    return text.translate(odd) if odd else text
