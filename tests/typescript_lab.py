"""Node with Drizzle, Kysely, node-postgres and TypeScript: mirrors are compiled, run and compared there."""

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path

from psycopg.conninfo import conninfo_to_dict

from pgarchitect.postgres.connection import connect
from pgarchitect.schema.database_schema import DatabaseSchema
from pgarchitect.schema.ddl.script import create_script
from pgarchitect.schema.lowering import lower
from pgarchitect.schema.psl.prisma_schema import PrismaSchema
from pgarchitect.schema.psl.reading import read_schema
from tests.npm_packages import npm_packages

PACKAGES = {
    "@types/node": "20.19.43",
    "@types/pg": "8.15.6",
    "drizzle-kit": "0.31.11",
    "drizzle-orm": "0.45.4",
    "kysely": "0.28.19",
    "pg": "8.16.3",
    "prettier": "3.10.1",
    "typescript": "5.9.3",
}
TESTS = Path(__file__).parent
SOURCES = {
    "edfinance": TESTS.parent / "examples" / "edfinance" / "schema.prisma",
    **{each.stem: each for each in sorted((TESTS / "schemas").glob("*.prisma"))},
    "tenancy": TESTS / "schemas" / "tenancy",
}
"""Our own schemas; whatever a schema can say is in one of them."""
_PREPARED = {
    "commerce": 'CREATE SEQUENCE "order_number";',
    "types": "CREATE EXTENSION citext;",
}
"""What a migration of that schema would have to make by hand: the schema uses it, and cannot say it."""
_COMPILER = {
    "strict": True,
    "noUnusedLocals": True,
    "target": "es2022",
    "module": "nodenext",
    "moduleResolution": "nodenext",
    "skipLibCheck": True,
    "types": ["node"],
    "outDir": "out",
    "rootDir": ".",
}


@dataclass(frozen=True, slots=True)
class TypeScriptLab:
    """A folder with sources, beside the packages."""

    folder: Path

    def write(self, name: str, text: str) -> None:
        """A source file."""
        (self.folder / name).write_text(text, encoding="utf-8")

    def compile(self) -> str:
        """Complaints of ``tsc --strict`` about all sources; JavaScript is in ``out``."""
        (self.folder / "tsconfig.json").write_text(json.dumps({"compilerOptions": _COMPILER, "include": ["*.ts"]}))
        return self._run("typescript/bin/tsc")[1]

    def unformatted(self, names: list[str]) -> str:
        """What prettier would lay out in another way."""
        return self._run("prettier/bin/prettier.cjs", "--list-different", *names)[1]

    def run(self, script: str, url: str) -> object:
        """What a compiled script prints, as JSON; its argument is how to connect."""
        code, printed = self._run(f"../out/{script}", json.dumps(connection(url)))
        assert code == 0, printed
        return json.loads(printed)

    def push(self, schema: str, url: str, schemas: tuple[str, ...]) -> str:
        """What ``drizzle-kit push`` prints: the statements from the database to the schema file."""
        settings = {
            "dialect": "postgresql",
            "schema": f"./{schema}",
            "verbose": True,
            "schemaFilter": schemas,
            "dbCredentials": {**connection(url), "ssl": False},
        }
        (self.folder / "kit.json").write_text(json.dumps(settings))
        return self._run("drizzle-kit/bin.cjs", "push", "--config=kit.json")[1]

    def created(self, schema: str) -> str:
        """The script with which ``drizzle-kit generate`` makes the schema file's database from nothing."""
        folder = self.folder / f"{schema}.out"
        settings = {"dialect": "postgresql", "schema": f"./{schema}", "out": f"./{folder.name}", "breakpoints": False}
        (self.folder / "kit.json").write_text(json.dumps(settings))
        code, printed = self._run("drizzle-kit/bin.cjs", "generate", "--config=kit.json")
        scripts = list(folder.glob("*.sql"))
        assert code == 0, printed
        assert len(scripts) == 1, printed
        return scripts[0].read_text(encoding="utf-8")

    def _run(self, script: str, *arguments: str) -> tuple[int, str]:
        command = ["node", str(self.folder / "node_modules" / script), *arguments]
        if script.startswith("../"):
            command[1] = str(self.folder / script.removeprefix("../"))
        done = subprocess.run(
            command, cwd=self.folder, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL
        )
        return done.returncode, done.stdout + done.stderr


def own_schema(name: str) -> tuple[PrismaSchema, DatabaseSchema]:
    """A schema of ours, and the database that it stands for."""
    schema = read_schema(SOURCES[name])
    return schema, lower(schema)


def prepare(name: str, url: str) -> None:
    """An empty database becomes one in which the schema's objects can be made."""
    with connect(url, read_only=False) as session:
        session.execute("DROP EXTENSION IF EXISTS pg_stat_statements")
        session.execute(_PREPARED.get(name, "").encode())


def migrate(name: str, url: str) -> DatabaseSchema:
    """Make the schema's database as its first migration does."""
    database = own_schema(name)[1]
    prepare(name, url)
    with connect(url, read_only=False) as session:
        session.execute(create_script(database).encode())
    return database


def connection(url: str) -> dict[str, object]:
    """What node-postgres needs; a folder as the host is a Unix socket."""
    parts = conninfo_to_dict(url)
    return {
        "host": parts["host"],
        "port": int(parts.get("port") or 5432),
        "user": parts["user"],
        "database": parts["dbname"],
    }


def typescript_lab(folder: Path) -> TypeScriptLab:
    """The lab in an empty folder; skips the test where there is no Node, or npm cannot bring the packages."""
    (folder / "node_modules").symlink_to(npm_packages("typescript", PACKAGES) / "node_modules")
    (folder / "package.json").write_text('{"type": "module"}')
    return TypeScriptLab(folder)
