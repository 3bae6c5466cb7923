"""Defaults that the client makes: ``uuid()``, ``cuid()``, ``ulid()``, ``nanoid()`` and ``@updatedAt``.

The functions stand in the schema file itself, so that it needs no package beside Drizzle; the format of each value is
the one that Prisma's client makes.
"""

from collections.abc import Mapping
from typing import Final

from pgarchitect.schema.psl.prisma_schema import FunctionDefault

_RANDOM_TEXT: Final = """\
/** Letters and digits by chance, all equally likely. */
function randomText(length: number, alphabet: string): string {
  let made = "";
  while (made.length < length) {
    const [byte] = crypto.getRandomValues(new Uint8Array(1));
    if (byte < 256 - (256 % alphabet.length)) {
      made += alphabet[byte % alphabet.length];
    }
  }
  return made;
}
"""
_UUID7: Final = """\
/** A UUID of version 7: the time in milliseconds, then chance (RFC 9562). */
function uuid7(): string {
  const time = Date.now().toString(16).padStart(12, "0");
  const chance = crypto.randomUUID().slice(15);
  return `${time.slice(0, 8)}-${time.slice(8)}-7${chance}`;
}
"""
_CUID: Final = """\
let cuidCount = 0;

/** A cuid: "c", time, counter and chance in base 36, 25 characters. */
function cuid(): string {
  cuidCount = (cuidCount + 1) % 36 ** 4;
  const time = Date.now().toString(36).padStart(8, "0");
  const count = cuidCount.toString(36).padStart(4, "0");
  return `c${time}${count}${randomText(12, BASE_36)}`;
}
"""
_CUID2: Final = """\
/** A cuid2: a letter, then 23 letters and digits. */
function cuid2(): string {
  return randomText(1, BASE_36.slice(10)) + randomText(23, BASE_36);
}
"""
_BASE_36: Final = """\
const BASE_36 = "0123456789abcdefghijklmnopqrstuvwxyz";
"""
_ULID: Final = """\
/** A ULID: the time in milliseconds and 80 bits of chance in base 32. */
function ulid(): string {
  const digits = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
  let time = "";
  for (let rest = Date.now(); time.length < 10; rest = Math.floor(rest / 32)) {
    time = digits[rest % 32] + time;
  }
  return time + randomText(16, digits);
}
"""
_NANOID: Final = """\
/** A nanoid of letters, digits, "_" and "-". */
function nanoid(length = 21): string {
  const letters = "abcdefghijklmnopqrstuvwxyz";
  return randomText(length, `${letters}${letters.toUpperCase()}0123456789_-`);
}
"""
_FUNCTIONS: Final[Mapping[str, tuple[str, ...]]] = {
    "uuid7": (_UUID7,),
    "cuid": (_BASE_36, _RANDOM_TEXT, _CUID),
    "cuid2": (_BASE_36, _RANDOM_TEXT, _CUID2),
    "ulid": (_RANDOM_TEXT, _ULID),
    "nanoid": (_RANDOM_TEXT, _NANOID),
}
FUNCTION_NAMES: Final = frozenset({*_FUNCTIONS, "randomText", "BASE_36", "cuidCount"})


def client_value(default: FunctionDefault) -> tuple[str, str] | None:
    """The function that the file needs (empty: none) and the expression of a value; None: the database makes it."""
    match default.function, default.arguments:
        case "uuid", ("7",):
            return "uuid7", "uuid7()"
        case "uuid", _:
            return "", "crypto.randomUUID()"
        case "cuid", ("2",):
            return "cuid2", "cuid2()"
        case ("cuid" | "ulid" | "nanoid") as name, arguments:
            return name, f"{name}({', '.join(arguments) if name == 'nanoid' else ''})"
        case _:
            return None


def client_functions(needed: set[str]) -> str:
    """The functions, each once, in an order of their own."""
    order = (_BASE_36, _RANDOM_TEXT, _UUID7, _CUID, _CUID2, _ULID, _NANOID)
    wanted = {part for name in needed for part in _FUNCTIONS[name]}
    return "\n".join(part for part in order if part in wanted)


def now(type_name: str) -> str:
    """What ``@updatedAt`` writes into a column of that type."""
    return (
        "new Date().toISOString().slice(11, 23)"
        if type_name.startswith("time") and "stamp" not in type_name
        else "new Date()"
    )
