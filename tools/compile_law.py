"""Compile the law files into the packaged form that loads in milliseconds.

Run after every change of a law file: `make law`. The tests compare the digest.
"""

from __future__ import annotations

import msgspec

from advalorem.law.load import COMPILED, LAWBOOK, Compiled, digest, read_lawbook


def main() -> None:
    """Check the law files and write `data/lawbook.msgpack`."""
    book = read_lawbook(LAWBOOK)
    COMPILED.write_bytes(msgspec.msgpack.encode(Compiled(digest=digest(LAWBOOK), book=book)))
    print(f"{COMPILED.name}: version {book.version}, {COMPILED.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
