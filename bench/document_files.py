"""Documents on their way between processes of a bench: `python -m bench.document_files` makes a file of a vendor's.

A file is one line of JSON with (number, time of change, length) of each document, then the bodies.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import orjson

from connectors.contract.records import RawDocument


def write_documents(place: Path, documents: Sequence[RawDocument]) -> None:
    """Write a file."""
    heads = [(d.external_no, d.changed_at and d.changed_at.isoformat(), len(d.body)) for d in documents]
    place.write_bytes(orjson.dumps(heads) + b"\n" + b"".join(d.body for d in documents))


def read_documents(place: Path) -> list[RawDocument]:
    """The documents of a file, as fetched now."""
    head, _, bodies = place.read_bytes().partition(b"\n")
    now, at, found = datetime.now(UTC), 0, []
    for number, changed, length in orjson.loads(head):
        changed_at = datetime.fromisoformat(changed) if changed else None
        found.append(RawDocument("order", number, bodies[at : at + length], now, changed_at))
        at += length
    return found


def main(argv: Sequence[str] | None = None) -> None:
    """Make the documents of one vendor."""
    from bench.twin_shops import documents_of

    parser = argparse.ArgumentParser()
    for name, kind in (("vendor", str), ("documents", int), ("seed", int), ("place", Path)):
        parser.add_argument(f"--{name}", type=kind, required=True)
    wanted = parser.parse_args(argv)
    write_documents(wanted.place, documents_of(wanted.vendor, wanted.documents, wanted.seed))


if __name__ == "__main__":
    main()
