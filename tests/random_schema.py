"""Schemas made up by chance, every attribute of the language in some: what Prisma and we must agree on."""

import random
from collections.abc import Sequence
from dataclasses import dataclass, field

SCALARS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "String": (
        ("Text", "VarChar", "VarChar(30)", "Char(5)", "Char", "Citext", "Xml"),
        (
            '"it\'s"',
            '"a \\"b\\" \\\\ c"',
            '""',
            "uuid()",
            "uuid(7)",
            "cuid()",
            "ulid()",
            "nanoid(9)",
            "dbgenerated(\"md5('x')\")",
        ),
    ),
    "Boolean": (("Boolean",), ("true", "false")),
    "Int": (("Integer", "SmallInt", "Oid"), ("0", "-7", "42", 'dbgenerated("1 + 1")', "autoincrement()")),
    "BigInt": (("BigInt",), ("0", "-9007199254740993", "autoincrement()")),
    "Float": (("DoublePrecision", "Real"), ("0.5", "-3", "1.50")),
    "Decimal": (("Decimal", "Decimal(12, 2)", "Money"), ("1.25", "0", "-9.990")),
    "DateTime": (
        ("Timestamp", "Timestamp(6)", "Timestamptz", "Timestamptz(0)", "Date", "Time", "Time(2)", "Timetz(3)"),
        ("now()", '"2024-02-29T12:30:00.5Z"', '"1999-12-31T23:59:59+05:30"', 'dbgenerated("now()")'),
    ),
    "Json": (("Json", "JsonB"), ('"{\\"a\\": [1, null]}"', '"[]"')),
    "Bytes": (("ByteA",), ('"aGVsbG8="', '""')),
}
"""Scalar → native types, defaults."""
UNSUPPORTED = ("tsvector", "point", "int4range", "interval", "timestamp(3) with time zone", "character varying(20)")
ACTIONS = ("Cascade", "Restrict", "NoAction", "SetNull", "SetDefault")
KEYS = (
    "Int @id @default(autoincrement())",
    "String @id @default(uuid()) @db.Uuid",
    "BigInt @id",
    "String @id",
    "Int @id(map: {})",
)
TABLES = ("orders", "Großer Kunde", "a table's name", "Ünï", "long_name_" * 6, "表" * 20, "x" * 63)
COLUMNS = ("col", "Spalte ü", "a column's", "c" * 40)
MODES = ('"prisma"', '"foreignKeys"')
NAMESPACES = ("base", "audit", "public")


@dataclass(slots=True)
class _Model:
    name: str
    namespace: str
    view: bool
    lines: list[str] = field(default_factory=list)
    scalars: list[tuple[str, str, str]] = field(default_factory=list)
    """Name, type and arity of fields that an index may have."""
    pair: tuple[str, str] | None = None
    """Two required fields that are unique together."""
    behind: list[str] = field(default_factory=list)

    def text(self) -> str:
        kind = "view" if self.view else "model"
        return "\n".join([f"{kind} {self.name} {{", *(f"  {each}" for each in [*self.lines, *self.behind]), "}"])


class RandomSchema:
    """A schema made up by chance.

    Args:
        seed: of chance; the same seed, the same schema.
        plain: leave out what a plain server lacks (citext) or refuses (names that become equal when they are cut).
    """

    def __init__(self, seed: int, *, plain: bool = False) -> None:
        self._chance = random.Random(seed)  # noqa: S311  # no secret
        self._plain = plain
        self._spaces = NAMESPACES if self._one_in(4) else ()
        self._mode = self._chance.choice(MODES) if self._one_in(8) else ""
        self._numbers = 0
        self._enums = {f"Kind{i}": self._enum(i) for i in range(self._chance.randint(0, 3))}
        self._models = [self._model(i) for i in range(self._chance.randint(1, 7))]
        for _ in range(self._chance.randint(0, 2 * len(self._models))):
            self._relation()
        for model in self._models:
            self._indexes(model)
            if self._one_in(6) and not any("@relation" in each for each in model.lines):
                model.behind.append("@@ignore")

    def text(self) -> str:
        """The schema."""
        settings = ['provider = "postgresql"']
        if self._spaces:
            settings.append(f"schemas = [{', '.join(_quoted(each) for each in self._spaces)}]")
        if self._mode:
            settings.append(f"relationMode = {self._mode}")
        if not self._plain and self._one_in(5):
            settings.append(
                'extensions = [pgcrypto, uuid_ossp(map: "uuid-ossp"), hstore(schema: "base", version: "1.8")]'
            )
        previews = 'provider = "prisma-client"\n  previewFeatures = ["partialIndexes", "views", "postgresqlExtensions"]'
        return "\n\n".join(
            [
                "datasource db {\n  " + "\n  ".join(settings) + "\n}",
                "generator client {\n  " + previews + "\n}",
                *(each[0] for each in self._enums.values()),
                *(each.text() for each in self._models),
            ]
        )

    def _one_in(self, times: int) -> bool:
        return self._chance.randrange(times) == 0

    def _number(self) -> int:
        self._numbers += 1
        return self._numbers

    def _enum(self, number: int) -> tuple[str, list[str]]:
        values = [f"V{i}" for i in range(self._chance.randint(1, 4))]
        lines = [f'  {each} @map("{each.lower()} value")' if self._one_in(3) else f"  {each}" for each in values]
        if self._one_in(3):
            lines.append(f'  @@map("kind of {number}")')
        if self._spaces:
            lines.append(f"  @@schema({_quoted(self._chance.choice(self._spaces))})")
        return f"enum Kind{number} {{\n" + "\n".join(lines) + "\n}", values

    def _model(self, number: int) -> _Model:
        name = self._chance.choice(("User", "Post", "Account", "Thing", "Zone", "Zebra")) + str(number)
        model = _Model(name, "", view=self._one_in(9))
        key = self._chance.choice(KEYS).format(f'"key of {number}"')
        if model.view:
            key = "Int @unique"
        model.lines.append(f"id {key}")
        model.scalars.append(("id", key.split()[0], ""))
        for i in range(self._chance.randint(0, 7)):
            self._scalar(model, f"f{i}")
        if self._one_in(3):
            self._pair(model)
        if self._one_in(2):
            table = self._chance.choice(TABLES)
            if self._plain:
                table = f"{number}{table[:8]}"
            model.behind.append(f"@@map({_quoted(f'{number}{table}'[: 63 if table.isascii() else 20])})")
        if self._spaces:
            model.namespace = self._chance.choice(self._spaces)
            model.behind.append(f"@@schema({_quoted(model.namespace)})")
        return model

    def _pair(self, model: _Model) -> None:
        model.lines += ["one Int", "two String"]
        model.pair = ("one", "two")
        if model.view:
            model.pair = None
        else:
            name = self._chance.choice(("", ', name: "pair"'))
            model.behind.append(f"@@unique([one, two]{name})")

    def _scalar(self, model: _Model, name: str) -> None:
        arity = self._chance.choice(("", "", "?", "[]"))
        if self._one_in(9):
            model.lines.append(f'{name} Unsupported("{self._chance.choice(UNSUPPORTED)}")?')
            return
        kind = self._chance.choice([*SCALARS, *self._enums])
        parts = [name, kind + arity]
        if kind in SCALARS:
            native, default = self._of_scalar(kind, arity)
        else:
            native, default = "", self._of_enum(kind, arity)
        if default == "autoincrement()" and (model.view or native == "Oid" or arity):
            default = ""
        if default:
            parts.append(f"@default({default})")
        if native:
            parts.append(f"@db.{native}")
        if self._one_in(4):
            parts.append(f'@map("{self._chance.choice(COLUMNS)} {name}")')
        if kind == "DateTime" and not arity and self._one_in(3):
            parts.append("@updatedAt")
        if not model.view and not arity and not default and self._one_in(5) and kind != "Json" and native != "Xml":
            parts.append("@unique")
        model.lines.append(" ".join(parts))
        if native not in {"Xml", "Json"}:
            model.scalars.append((name, kind, arity))

    def _of_scalar(self, kind: str, arity: str) -> tuple[str, str]:
        natives, defaults = SCALARS[kind]
        native = self._chance.choice(natives) if self._one_in(2) else ""
        if self._plain and native == "Citext":
            native = ""
        default = self._chance.choice(defaults) if self._one_in(2) else ""
        if arity == "[]" and default:
            literals = [each for each in defaults if not each.endswith(")")]
            default = f"[{', '.join(self._chance.sample(literals, self._chance.randint(0, len(literals))))}]"
        if self._plain and native in {"Char", "Char(5)", "Xml", "Date", "Time", "Time(2)", "Timetz(3)", "Money", "Oid"}:
            default = ""  # a literal of the scalar is not always one of the native type
        return native, default

    def _of_enum(self, kind: str, arity: str) -> str:
        values = self._enums[kind][1]
        if self._one_in(2):
            return ""
        chosen = self._chance.choice(values)
        return f"[{chosen}]" if arity == "[]" else chosen

    def _relation(self) -> None:
        tables = [each for each in self._models if not each.view]
        if not tables:
            return
        one, other = self._chance.choice(tables), self._chance.choice(tables)
        if self._mode == MODES[0] and self._models.index(one) >= self._models.index(other):
            return  # Prisma would have to follow cycles itself, and refuses them
        number = self._number()
        if self._one_in(3):
            self._many_to_many(one, other, number)
        elif one.pair and self._one_in(2):
            self._composite(one, other, number)
        else:
            self._to_one(one, other, number)

    def _many_to_many(self, one: _Model, other: _Model, number: int) -> None:
        name = self._chance.choice((f"r{number}", f"Relation {number}", f"n{number}" * 20))
        one.lines.append(f'm{number} {other.name}[] @relation("{name}")')
        other.lines.append(f'o{number} {one.name}[] @relation("{name}")')

    def _to_one(self, one: _Model, other: _Model, number: int) -> None:
        key = one.lines[0].split()[1]
        native = " @db.Uuid" if "@db.Uuid" in one.lines[0] else ""
        optional = self._chance.choice(("", "?"))
        single = self._one_in(3)
        unique = " @unique" if single else ""
        mapped = f' @map("owner {number}")' if self._one_in(4) else ""
        options = self._actions(number)
        other.lines.append(f"k{number} {key}{optional}{unique}{mapped}{native}")
        other.lines.append(
            f'r{number} {one.name}{optional} @relation("r{number}", fields: [k{number}], references: [id]{options})'
        )
        one.lines.append(f'b{number} {other.name}{"?" if single else "[]"} @relation("r{number}")')

    def _composite(self, one: _Model, other: _Model, number: int) -> None:
        options = self._actions(number)
        half = self._chance.choice(("", "?"))
        optional = "?" if half else ""
        keys = f"fields: [x{number}, y{number}], references: [one, two]{options}"
        other.lines += [f"x{number} Int", f"y{number} String{half}"]
        other.lines.append(f'r{number} {one.name}{optional} @relation("r{number}", {keys})')
        one.lines.append(f'b{number} {other.name}[] @relation("r{number}")')

    def _actions(self, number: int) -> str:
        chosen = ""
        if self._mode == MODES[0]:
            return ""
        if self._one_in(3):
            chosen += f", onDelete: {self._chance.choice(ACTIONS[:3])}"
        if self._one_in(3):
            chosen += f", onUpdate: {self._chance.choice(ACTIONS[:3])}"
        return chosen + (f', map: "fk {number}"' if self._one_in(4) else "")

    def _indexes(self, model: _Model) -> None:
        plain = [each for each in model.scalars if each[2] != "[]" and each[1] != "Json"]
        if model.view or not plain:
            return
        for _ in range(self._chance.randint(0, 3)):
            chosen = self._chance.sample(plain, self._chance.randint(1, min(3, len(plain))))
            keys = ", ".join(each[0] + self._chance.choice(("", "", "(sort: Desc)", "(sort: Asc)")) for each in chosen)
            kind = self._chance.choice(("@@index", "@@index", "@@unique"))
            model.behind.append(f'{kind}([{keys}]{self._where(chosen)}, map: "ix {self._number()}")')
        if self._one_in(4):
            model.behind.append(f"@@index([{plain[-1][0]}])")
        if self._one_in(3):
            self._of_method(model)

    def _where(self, chosen: Sequence[tuple[str, str, str]]) -> str:
        texts = ("1 = 1", "(1 > 0)", "(1 > 0) OR (2 > 1)")
        return f', where: raw("{self._chance.choice(texts)}")' if chosen and self._one_in(5) else ""

    def _of_method(self, model: _Model) -> None:
        for name, kind, arity in model.scalars:
            line = next(each for each in model.lines if each.split()[0] == name)
            ops = self._chance.choice(("", "(ops: ArrayOps)"))
            if arity == "[]" and kind != "Json":
                model.behind.append(f"@@index([{name}{ops}], type: Gin)")
            elif kind == "Json" and not arity and "@db.Json" not in line:
                ops = self._chance.choice(
                    ("", "(ops: JsonbPathOps)", "(ops: JsonbOps)", '(ops: raw("jsonb_path_ops"))')
                )
                model.behind.append(f"@@index([{name}{ops}], type: Gin)")
            elif kind == "BigInt" and not arity:
                ops = self._chance.choice(
                    ("", "(ops: Int8BloomOps)", "(ops: Int8MinMaxMultiOps)", "(ops: Int8MinMaxOps)")
                )
                model.behind.append(f'@@index([{name}{ops}], type: Brin, map: "ix {self._number()}")')
            elif kind == "Int" and not arity and "@db" not in line:
                model.behind.append(f'@@index([{name}], type: Hash, map: "ix {self._number()}")')


def random_schema(seed: int, *, plain: bool = False) -> str:
    """A schema made up by chance; ``plain``: one whose script runs on any server."""
    return RandomSchema(seed, plain=plain).text()


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '\\"') + '"'
