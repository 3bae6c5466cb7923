"""Generators of others that make TypeScript of a schema.prisma, run by Prisma's own protocol.

Prisma starts a generator and writes JSON-RPC to it, a request a line; it answers on standard error. What a generator
is told of the schema (the DMMF) comes from the Prisma that it was made for.
"""

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.npm_packages import npm_packages

DRIZZLE = "drizzle-prisma-generator"
KYSELY = "prisma-kysely"
PACKAGES = {
    DRIZZLE: "0.1.7",
    KYSELY: "3.2.1",
    "prisma-5": "npm:@prisma/prisma-schema-wasm@5.22.0-44.605197351a3c8bdd595af2d2a9bc3025bca48ea2",
    "prisma-7": "npm:@prisma/prisma-schema-wasm@7.10.0-4.0edf323efd1d98336f3f0a68684b56f689b900d3",
}
_PRISMA = {DRIZZLE: "prisma-5", KYSELY: "prisma-7"}
_SOURCE = "datasource db {\n"
_DMMF = """
const [name] = process.argv.slice(1);
const schema = [["schema.prisma", require("fs").readFileSync(0, "utf8")]];
console.log(require(name).get_dmmf(JSON.stringify({ prismaSchema: schema, noColor: true })));
"""
_NO_SOURCE = {"value": None, "fromEnvVar": None}


class GeneratorRefusedError(Exception):
    """A generator ends without a file; the message is its own."""


@dataclass(frozen=True, slots=True)
class Generators:
    """The folder with the packages."""

    folder: Path

    def dmmf(self, package: str, schema: str) -> dict[str, Any]:
        """A schema as Prisma tells it to that generator; Prisma 5 wants a URL in it, which Prisma 7 refuses."""
        if _PRISMA[package] == "prisma-5":
            schema = schema.replace(_SOURCE, _SOURCE + '  url = "postgresql://"\n', 1)
        done = subprocess.run(
            ["node", "-e", _DMMF, _PRISMA[package]],
            cwd=self.folder,
            input=schema,
            capture_output=True,
            encoding="utf-8",
            check=False,
        )
        assert done.returncode == 0, done.stderr
        found: dict[str, Any] = json.loads(done.stdout)
        return found

    def generate(self, package: str, schema: str, target: Path) -> str:
        """What a generator writes into that file.

        Raises:
            GeneratorRefusedError: it cannot write this schema.
        """
        script = self.folder / "node_modules" / ".bin" / package
        requests = [
            {"jsonrpc": "2.0", "id": number, "method": method, "params": params}
            for number, (method, params) in enumerate(
                [("getManifest", _generator(package, target)), ("generate", self._options(package, schema, target))],
                start=1,
            )
        ]
        done = subprocess.run(
            ["node", str(script.resolve())],
            input="".join(json.dumps(each) + "\n" for each in requests),
            capture_output=True,
            encoding="utf-8",
            check=False,
            cwd=target.parent,
        )
        answers = [json.loads(line) for line in done.stderr.splitlines() if line.startswith('{"jsonrpc"')]
        assert len(answers) == len(requests), done.stderr + done.stdout
        for each in answers:
            if "error" in each:
                raise GeneratorRefusedError(each["error"]["message"])
        return target.read_text(encoding="utf-8")

    def _options(self, package: str, schema: str, target: Path) -> dict[str, Any]:
        source = {
            "name": "db",
            "provider": "postgresql",
            "activeProvider": "postgresql",
            "url": _NO_SOURCE,
            "schemas": [],
        }
        return {
            "generator": _generator(package, target),
            "otherGenerators": [],
            "schemaPath": str(target.parent / "schema.prisma"),
            "dmmf": self.dmmf(package, schema),
            "datasources": [source],
            "datamodel": schema,
            "version": "7.10.0",
        }


def generators() -> Generators:
    """The generators; skips the test where there is no Node, or npm cannot bring the packages."""
    return Generators(npm_packages("prisma-generators", PACKAGES, "--legacy-peer-deps"))


def _generator(package: str, target: Path) -> dict[str, Any]:
    """Its block in a schema; one writes a file, the other a folder with files."""
    output, config = (str(target.parent), {"fileName": target.name}) if package == KYSELY else (str(target), {})
    return {
        "name": "other",
        "provider": {"value": package, "fromEnvVar": None},
        "output": {"value": output, "fromEnvVar": None},
        "config": config,
        "binaryTargets": [],
        "previewFeatures": [],
        "sourceFilePath": str(target.parent / "schema.prisma"),
    }
