"""``TypedDict`` for generated clients: the same to whoever asks, and made in a fraction of the time.

The standard library compiles every annotation that is text when the class is made: seconds, where a client has ten
thousand mappings that type checkers read and nobody else. Here they stay text, which ``typing.get_type_hints`` reads.
"""

import sys
import types
import typing
from collections.abc import Mapping
from typing import Any

if sys.version_info >= (3, 14):  # there it does so itself
    from typing import TypedDict
else:
    _Standard: Any = type(types.new_class("_", (typing.TypedDict,)))

    class _Quick(_Standard):  # type: ignore[misc]  # only while it runs
        """The class of such classes."""

        def __new__(cls, name: str, bases: tuple[type, ...], members: dict[str, Any], *, total: bool = True) -> type:
            own: Mapping[str, Any] = members.get("__annotations__", {})
            left_out = {each for each, kind in own.items() if not total or str(kind).startswith("NotRequired[")}
            made: Any = type.__new__(cls, name, (dict,), {**members, "__annotations__": {}, "__total__": total})
            required, optional = set(own) - left_out, left_out
            for base in bases:
                made.__annotations__.update(getattr(base, "__annotations__", {}))
                required |= getattr(base, "__required_keys__", frozenset())
                optional |= getattr(base, "__optional_keys__", frozenset())
            made.__annotations__.update(own)
            made.__required_keys__, made.__optional_keys__ = frozenset(required), frozenset(optional)
            return typing.cast("type", made)

    class _TypedDict:
        """Stands where ``typing.TypedDict`` does: as a base of classes, or called with a name and fields."""

        def __call__(self, name: str, fields: Mapping[str, Any], /, *, total: bool = True) -> type:
            module = sys._getframe(1).f_globals["__name__"]  # noqa: SLF001  # as typing does it
            return _Quick(name, (), {"__module__": module, "__annotations__": dict(fields)}, total=total)

        def __mro_entries__(self, bases: tuple[object, ...]) -> tuple[type, ...]:
            return (_BASE,)

    _BASE = _Quick("TypedDict", (), {})
    TypedDict = _TypedDict()

__all__ = ["TypedDict"]
