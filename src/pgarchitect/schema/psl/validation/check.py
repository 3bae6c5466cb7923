"""All stages of checking a schema."""

from collections.abc import Sequence

from pgarchitect.schema.psl.diagnostics import Diagnostics
from pgarchitect.schema.psl.syntax import SyntaxTree
from pgarchitect.schema.psl.validation.attributes import resolve_attributes
from pgarchitect.schema.psl.validation.configuration import check_configuration
from pgarchitect.schema.psl.validation.facts import SchemaFacts
from pgarchitect.schema.psl.validation.names import resolve_names
from pgarchitect.schema.psl.validation.rules import check_rules
from pgarchitect.schema.psl.validation.types import malformed_fields, resolve_types


def check(trees: Sequence[SyntaxTree], diagnostics: Diagnostics) -> SchemaFacts:
    """Note everything that is wrong with a schema; what is known of it when that is done."""
    schema = SchemaFacts(trees, diagnostics)
    malformed_fields(schema)
    resolve_names(schema)
    resolve_types(schema)
    resolve_attributes(schema)
    check_configuration(schema)
    if not diagnostics.found:
        check_rules(schema)
    return schema
