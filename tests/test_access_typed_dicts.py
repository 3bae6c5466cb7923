"""Mappings of generated clients: for whom asks at run time they are what the standard library makes of them."""

import sys
import typing
from collections.abc import Sequence
from types import ModuleType
from typing import NotRequired, is_typeddict

import pytest

from pgarchitect.access import typed_dicts

SOURCE = """
from __future__ import annotations

class Key(TypedDict):
    \"\"\"A key.\"\"\"

    id: int

class Row(Key, total=False):
    name: str | None
    keys: "Sequence[Key]"

class New(TypedDict):
    id: NotRequired[int]
    name: str

Filter = TypedDict("Filter", {"not": "int | Filter | None", "in": Sequence[int]}, total=False)
"""


@pytest.fixture
def both(monkeypatch: pytest.MonkeyPatch) -> tuple[ModuleType, ModuleType]:
    """The module by the standard library's, and by ours."""
    made = []
    for name, kind in (("theirs", typing.TypedDict), ("ours", typed_dicts.TypedDict)):
        module = ModuleType(name)
        monkeypatch.setitem(sys.modules, name, module)
        vars(module).update(TypedDict=kind, NotRequired=NotRequired, Sequence=Sequence)
        exec(SOURCE, vars(module))  # noqa: S102  # a generated module in small
        made.append(module)
    return made[0], made[1]


def hints(module: ModuleType, name: str) -> dict[str, str]:
    found = typing.get_type_hints(getattr(module, name), include_extras=True)
    return {each: str(kind).replace(f"{module.__name__}.", "") for each, kind in found.items()}


@pytest.mark.parametrize("name", ["Key", "Row", "New", "Filter"])
def test_it_is_what_the_standard_library_makes(both: tuple[ModuleType, ModuleType], name: str) -> None:
    theirs, ours = (getattr(module, name) for module in both)
    assert is_typeddict(ours)
    assert (ours.__name__, ours.__module__, ours.__doc__) == (theirs.__name__, "ours", theirs.__doc__)
    assert (ours.__total__, ours.__mro__[1:]) == (theirs.__total__, theirs.__mro__[1:])
    assert hints(both[1], name) == hints(both[0], name)
    assert ours(id=1) == {"id": 1}
    with pytest.raises(TypeError, match="TypedDict does not support instance and class checks"):
        isinstance({}, ours)


def test_which_keys_may_be_left_out_is_known(both: tuple[ModuleType, ModuleType]) -> None:
    ours = vars(both[1])
    assert (ours["Row"].__required_keys__, ours["Row"].__optional_keys__) == ({"id"}, {"name", "keys"})
    # The standard library takes this key for a required one, since the annotation is text.
    assert (ours["New"].__required_keys__, ours["New"].__optional_keys__) == ({"name"}, {"id"})


def test_annotations_are_not_compiled_before_somebody_asks(both: tuple[ModuleType, ModuleType]) -> None:
    assert all(isinstance(each, str) for each in both[1].Row.__annotations__.values())
