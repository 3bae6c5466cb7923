"""A name of more than 63 bytes."""

from collections.abc import Iterator

from pgarchitect.schema.safety.finding import Found, Severity
from pgarchitect.schema.safety.reading.tokens import LONGEST_NAME, TokenKind, cut
from pgarchitect.schema.safety.rule import Example, Rule, Subject


def check(subject: Subject) -> Iterator[Found]:
    """What the server cuts without an error."""
    for token in subject.statement.tokens:
        bare = token.text[1:-1].replace('""', '"') if token.kind is TokenKind.QUOTED else token.text
        if token.is_name and len(bare.encode()) > LONGEST_NAME:
            happens = (
                f"{bare} has {len(bare.encode())} bytes; the server keeps {LONGEST_NAME} of them with a notice"
                " only, and what"
                " is alike so far clashes."
            )
            yield Found(None, happens, (subject.statement.text.replace(bare, cut(bare)) + ";",))


RULE = Rule(
    id="identifier-too-long",
    title="a name is longer than the server keeps",
    severity=Severity.WARNING,
    page="""PostgreSQL cuts names to 63 bytes and tells so in a notice, which migrations swallow. Two indexes that
are alike up to there clash, and whoever looks for the name in the catalog does not find it. Prisma cuts the names
that it makes itself.""",
    check=check,
    examples=(
        Example(
            "COMMENT ON COLUMN orders.note IS 'x';\n"
            "ALTER TABLE orders ADD COLUMN"
            " a_name_that_goes_on_and_on_and_on_until_it_has_more_than_sixty_three_bytes int;"
        ),
    ),
    harmless=("ALTER TABLE orders ADD COLUMN a_name_of_an_ordinary_length int;",),
    by_size=False,
    on_new=True,
)
