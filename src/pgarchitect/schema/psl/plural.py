"""English plurals and camel case, for the names of relation fields that the formatter adds."""

import re
from typing import Final

_SAME: Final = frozenset({"deer", "means", "offspring", "series", "sheep", "species", "news", "money", "information"})
_IRREGULAR: Final = {
    "person": "people",
    "man": "men",
    "woman": "women",
    "child": "children",
    "ox": "oxen",
    "mouse": "mice",
    "louse": "lice",
    "datum": "data",
    "goose": "geese",
    "foot": "feet",
    "tooth": "teeth",
    "quiz": "quizzes",
}
_RULES: Final = (
    (r"(matr|vert|ind)(?:ix|ex)$", r"\1ices"),
    (r"(x|ch|ss|sh)$", r"\1es"),
    (r"(alias|status|address|bus)$", r"\1es"),
    (r"(octop|vir)us$", r"\1i"),
    (r"(ax|test)is$", r"\1es"),
    (r"sis$", "ses"),
    (r"([^aeiouy]|qu)y$", r"\1ies"),
    (r"(?:([^f])fe|([lr])f|(lea|loa|thie)f)$", r"\1\2\3ves"),
    (r"(buffal|tomat|potat|her|ech|torped)o$", r"\1oes"),
    (r"([ti])um$", r"\1a"),
    (r"(?<!s)s$", "s"),
    (r"([ti]a)$", r"\1"),
)


def plural(word: str) -> str:
    """The plural of a word, or of the last word of a name in camel case."""
    head, last = _split(word)
    lower = last.lower()
    if lower in _SAME:
        return word
    if lower in _IRREGULAR and not head:
        return last[0] + _IRREGULAR[lower][1:]
    for pattern, replacement in _RULES:
        if re.search(pattern, last, re.IGNORECASE):
            return head + re.sub(pattern, replacement, last, flags=re.IGNORECASE)
    return f"{word}s"


def _split(word: str) -> tuple[str, str]:
    found = re.search(r"[A-Z]?[a-z]+$", word)
    return (word[: found.start()], found[0]) if found else (word[:-1], word[-1:])


def camel_case(name: str) -> str:
    """``UserItem``, ``user_item`` → ``userItem``; ``HTTPServer`` → ``httpserver``, as Prisma has it."""
    out: list[str] = []
    raised, before = False, ""
    for each in name:
        if not each.isalnum():
            raised = bool(out)
        elif not out:
            out.append(each.lower())
        elif raised or (each.isupper() and not before.isupper()):
            out.append(each.upper())
            raised = False
        else:
            out.append(each.lower())
        before = each
    return "".join(out)
