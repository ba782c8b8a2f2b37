"""The program's own entry point, for a process that is started and measured from outside.

After the answer, the peak memory of this process goes to stderr: what a parent is told of its
child's peak includes the parent's own memory at the moment of the fork.
"""

import sys
from pathlib import Path

from advalorem.cli.main import run

PEAK = "VmHWM:"


def peak() -> str:
    """Return the peak resident memory of this process in kB."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(line.split()[1] for line in lines if line.startswith(PEAK))


if __name__ == "__main__":
    try:
        run()
    finally:
        print(PEAK, peak(), file=sys.stderr)
