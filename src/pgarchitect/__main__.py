"""``python -m pgarchitect`` and the ``pgarchitect`` command."""

import gc
import sys

from pgarchitect.cli.interruption import interruptible
from pgarchitect.errors import Interrupted


def run() -> None:
    """Run the command line; Ctrl-C while the program is still being loaded ends it as quietly as later."""
    try:
        with interruptible():
            gc.disable()  # loading makes no garbage, but many objects, all of which would be looked at again and again
            from pgarchitect.cli.main import main  # noqa: PLC0415  # loading takes long enough to be interrupted

            gc.freeze()
            gc.enable()
            main()
    except KeyboardInterrupt:
        error = Interrupted()
        sys.stderr.write(f"pgarchitect: {error}\n")
        sys.exit(error.exit_code)


if __name__ == "__main__":
    run()
