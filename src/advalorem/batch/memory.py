"""Memory of a long run: freed arrays are kept for the next part instead of given back."""

from __future__ import annotations

import ctypes
import platform

TRIM_THRESHOLD, TOP_PAD, MMAP_THRESHOLD = -1, -2, -3
"""Numbers of settings in `mallopt(3)` of the GNU C library."""
MEBI = 1 << 20


def keep_freed() -> bool:
    """Have the C library keep freed memory; return whether it is one that can.

    Columns of a part are a few megabytes each. By default the GNU C library hands such blocks back
    to the system and takes them anew, page by page, for every part: a tenth of a run's time.
    """
    if platform.libc_ver()[0] != "glibc":
        return False
    library = ctypes.CDLL(None)
    settings = ((TRIM_THRESHOLD, 1024), (TOP_PAD, 64), (MMAP_THRESHOLD, 32))
    return all(library.mallopt(name, size * MEBI) for name, size in settings)
