"""A reader over the tokens of one statement."""

from collections.abc import Collection, Iterator

from pgarchitect.schema.safety.reading.names import Name
from pgarchitect.schema.safety.reading.statement import Statement
from pgarchitect.schema.safety.reading.tokens import Token, TokenKind

_OPENING, _CLOSING = frozenset("(["), frozenset(")]")


class Reader:
    """Walks over tokens from left to right; nothing that it is asked for can move it beyond ``end``."""

    def __init__(self, statement: Statement, position: int = 0, end: int | None = None) -> None:
        """Begin at a token (by its number) and stop before another one."""
        self.statement = statement
        self.position = position
        self.end = len(statement.tokens) if end is None else end

    @property
    def done(self) -> bool:
        """Nothing is left."""
        return self.position >= self.end

    @property
    def token(self) -> Token | None:
        """The next token."""
        return None if self.done else self.statement.tokens[self.position]

    def peek(self, ahead: int = 0) -> str:
        """The next word in upper case, or sign; empty for a literal and at the end."""
        at = self.position + ahead
        return self.statement.tokens[at].word if at < self.end else ""

    def take(self, *words: str) -> bool:
        """Go past these words if they come next."""
        if self.peek() != words[0]:
            return False
        if len(words) > 1 and any(self.peek(ahead) != word for ahead, word in enumerate(words)):
            return False
        self.position += len(words)
        return True

    def take_any(self, *words: str) -> str:
        """Go past one of these words; which one, or empty."""
        return next((word for word in words if self.take(word)), "")

    def if_exists(self) -> bool:
        """Go past ``IF EXISTS``."""
        return self.take("IF", "EXISTS")

    def if_not_exists(self) -> bool:
        """Go past ``IF NOT EXISTS``."""
        return self.take("IF", "NOT", "EXISTS")

    def part(self) -> str | None:
        """A name without its schema; None where none comes."""
        token = self.token
        if token is None or not token.is_name:
            return None
        self.position += 1
        return token.name

    def name(self) -> Name | None:
        """A name, with its schema where that is written."""
        parts: list[str] = []
        while (part := self.part()) is not None:
            parts.append(part)
            if not self.take("."):
                break
        if not parts:
            return None
        return Name(parts[-2] if len(parts) > 1 else "", parts[-1])

    def names(self) -> tuple[Name, ...]:
        """Names separated by commas."""
        found: list[Name] = []
        while (name := self.name()) is not None:
            found.append(name)
            self.take("*")
            if not self.take(","):
                break
        return tuple(found)

    def group(self) -> "Reader | None":
        """What stands between the parentheses that come next, and go past them; None where none come."""
        if self.peek() != "(":
            return None
        start = self.position + 1
        self.skip()
        return Reader(self.statement, start, max(start, self.position - 1))

    def skip(self) -> None:
        """Go past one token, or past a whole parenthesis."""
        if self.peek() not in _OPENING:
            self.position = min(self.position + 1, self.end)
            return
        depth = 0
        while not self.done:
            word = self.peek()
            depth += (word in _OPENING) - (word in _CLOSING)
            self.position += 1
            if depth <= 0:
                return

    def until(self, words: Collection[str]) -> str:
        """The text up to the first of these words outside parentheses, or up to the end."""
        start = self.position
        while not self.done and self.peek() not in words:
            self.skip()
        return self.text(start, self.position)

    def items(self) -> Iterator["Reader"]:
        """What is separated by commas outside parentheses."""
        while not self.done:
            start = self.position
            self.until((",",))
            if self.position > start:
                yield Reader(self.statement, start, self.position)
            self.take(",")

    def text(self, start: int | None = None, end: int | None = None) -> str:
        """The text from one token up to another (by their numbers); of all that is left when left out."""
        start = self.position if start is None else start
        end = self.end if end is None else end
        if start >= end:
            return ""
        tokens = self.statement.tokens
        return self.statement.text[tokens[start].start : tokens[end - 1].end]

    def find(self, *words: str) -> int | None:
        """The number of the token where these words begin, outside parentheses; the reader does not move."""
        ahead = Reader(self.statement, self.position, self.end)
        while not ahead.done:
            if ahead.peek() == words[0] and all(ahead.peek(number) == word for number, word in enumerate(words)):
                return ahead.position
            ahead.skip()
        return None

    def left(self) -> tuple[Token, ...]:
        """All tokens that are left."""
        return self.statement.tokens[self.position : self.end]

    def strings(self) -> tuple[str, ...]:
        """Values of the plain strings that are left."""
        return tuple(
            token.text[1:-1].replace("''", "'")
            for token in self.left()
            if token.kind is TokenKind.STRING and token.text.startswith("'")
        )
