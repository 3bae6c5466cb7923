"""A model changed in the files of its schema: its block, and nothing else."""

from collections.abc import Mapping

from pgarchitect.schema.psl.editing import edited_block
from pgarchitect.schema.psl.formatting import laid_out
from pgarchitect.schema.psl.prisma_schema import Model
from pgarchitect.schema.psl.reading import parse_schema


def with_model(sources: Mapping[str, str], model: Model, new: Model) -> dict[str, str]:
    """The schema's files with a model as it shall be; nothing else changes but the layout of its block.

    Raises:
        SchemaInvalid: the schema has errors as it is.
    """
    datasource = parse_schema(sources).datasource
    text = sources[model.span.file]
    block = text[model.span.start : model.span.end]
    edited = laid_out(edited_block(block, model, new, datasource.name if datasource else "db")).rstrip("\n")
    return {**sources, model.span.file: text[: model.span.start] + edited + text[model.span.end :]}
