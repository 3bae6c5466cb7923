"""A ``TypedDict`` as text."""

from collections.abc import Iterator

from pgarchitect.schema.mirrors.python_types import annotation

Members = list[tuple[str, str]]
"""Names and types."""


def typed_dict(
    name: str, told: str, members: Members, *, total: bool = False, base: str = "TypedDict"
) -> Iterator[str]:
    """The class of a mapping.

    Args:
        name: of the class.
        told: its docstring.
        members: of the mapping.
        total: all of them must be there that are not ``NotRequired``.
        base: a class whose members it has, too.
    """
    yield f"class {name}({base}{'' if total else ', total=False'}):"
    yield f'    """{told}"""'
    yield ""
    names = [member for member, _ in members]
    yield from (f"    {member}: {annotation(kind, names)}" for member, kind in members)
    yield ""
    yield ""


def called_dict(name: str, members: Members, *, total: bool) -> Iterator[str]:
    """Likewise, made by a call: what it leads to may be defined behind it, and needs no class of its own."""
    yield f'{name} = TypedDict("{name}", {{'
    yield from (f'    "{member}": "{kind}",' for member, kind in members)
    yield f"}}, total={total})"
    yield ""
