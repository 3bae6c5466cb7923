"""``python -m pgarchitect``: the same as the ``pgarchitect`` command."""

from pgarchitect.cli.main import main

if __name__ == "__main__":
    main()
