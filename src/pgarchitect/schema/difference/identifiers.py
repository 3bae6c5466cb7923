"""Identifiers inside expressions: whether one is mentioned, and other names for them.

Expressions are texts. A word that is the same as a name is taken for it: what is redone without need costs time,
what is not redone costs the migration.
"""

import re
from collections.abc import Collection, Iterator, Mapping
from typing import Final

from pgarchitect.schema.ddl.quoting import literal, quote

_TOKEN: Final = re.compile(r"""[eE]'(?:[^'\\]|''|\\.)*'|'(?:[^']|'')*'|"((?:[^"]|"")+)"|([^\W\d][\w$]*)""", re.DOTALL)


def mentioned(text: str) -> frozenset[str]:
    """Every word outside of strings, quoted ones without their quotes."""
    return frozenset(_names(text))


def mentions(text: str, names: Collection[str]) -> bool:
    """Whether an expression mentions any of these names."""
    return bool(text and names) and not mentioned(text).isdisjoint(names)


def renamed(text: str, names: Mapping[str, str]) -> str:
    """The expression after its objects were renamed, old name → new name."""
    if not names or not text:
        return text
    return _TOKEN.sub(lambda found: _new(found, names), text)


def recast(text: str, old: str, new: str) -> str:
    """The expression after a type got another name: where a value is cast to it; a column may be called so."""
    names = "|".join(map(re.escape, (old, quote(old))))
    schema = r'(?:(?:[\w$]+|"(?:[^"]|"")+")\.)?'
    return re.sub(rf"(::{schema})(?:{names})(?![\w$])", lambda found: found[1] + quote(new), text)


def relabelled(text: str, labels: Mapping[str, str], enum: str = "") -> str:
    """The expression after labels of an enum were renamed.

    Args:
        text: the expression.
        labels: old label → new label.
        enum: name of the type; only strings that are cast to it are labels then. Empty: every string is one.
    """
    behind = rf"(?=::(?:[\w$]+\.)?(?:{re.escape(enum)}\b|{re.escape(quote(enum))}))" if enum else ""
    new = {literal(old): literal(label) for old, label in labels.items()}
    return re.sub(rf"'(?:[^']|'')*'{behind}", lambda found: new.get(found[0], found[0]), text)


def _new(found: re.Match[str], names: Mapping[str, str]) -> str:
    old = _name(found)
    if old is None or old not in names:
        return found[0]
    return quote(names[old])


def _names(text: str) -> Iterator[str]:
    for found in _TOKEN.finditer(text):
        name = _name(found)
        if name is not None:
            yield name


def _name(found: re.Match[str]) -> str | None:
    if found[1] is not None:
        return found[1].replace('""', '"')
    return found[2]
