"""An executor of either world that remembers the statements it sends: for telling which one gave a result."""

from typing import Any


class Recorded:
    """Stands for an executor.

    Args:
        executor: where statements really run.

    Attributes:
        statements: texts in order.
    """

    def __init__(self, executor: Any) -> None:  # noqa: ANN401  # of either world
        self._executor = executor
        self.statements: list[str] = []

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401  # a method of the executor
        """The executor's own method, whose text is kept."""
        method = getattr(self._executor, name)

        def recorded(*arguments: Any) -> Any:  # noqa: ANN401  # as the executor has it
            self.statements += [each for each in arguments if isinstance(each, str)]
            return method(*arguments)

        return recorded
