"""`triaged` and `python -m triaged`."""

import sys

from triaged.cli import run


def main() -> None:
    """Run one command and exit with its sysexits code."""
    sys.exit(run())


if __name__ == "__main__":
    main()
