"""The command line: `opslayer [--home DIR] [--json] COMMAND`.

Exit codes: 0 done and good; 1 done, and faults were found; 2 wrong usage; 3 could not be done, safe to try again.
Commands are imported when they are called, so that help is fast.
"""

import sys
from collections.abc import Sequence

from api.cli.root import opslayer


def main(arguments: Sequence[str] | None = None) -> None:
    """Run one command and leave with its exit code."""
    from api.cli.shell import run

    sys.exit(run(opslayer, arguments))
