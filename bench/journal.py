"""What a run wrote to the write-ahead log: bytes by table and index, and what its transactions were about."""

from __future__ import annotations

import re
import subprocess
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil  # type: ignore[import-untyped]
from psycopg import Connection

from bench.harness import BenchFailed, Rig

RECORD = re.compile(r"rmgr: (\S+)\s+len \(rec/tot\):\s+\d+/\s*(\d+), tx:\s+(\d+),.*?desc: (\S+)(?:.*?rel \d+/\d+/(\d+))?")
NAMES = "select relfilenode::text, relname from pg_class where relfilenode <> 0"
TOP = 40
#: Of a transaction's first changes so many tell what it was about.
WORDS = 4


@dataclass(slots=True)
class Journal:
    """Bytes by what was written, with full pages apart, and transactions by their first changes."""

    bytes_by: Counter[str] = field(default_factory=Counter)
    transactions: dict[str, list[str]] = field(default_factory=dict)

    def add(self, line: str, names: dict[str, str]) -> None:
        """Count one line of pg_waldump."""
        found = RECORD.search(line)
        if found is None:
            return
        kind, size, xid, change, node = found.groups()
        name = names.get(node, node) if node else ""
        self.bytes_by[" ".join(filter(None, (kind, name, "full page" if " FPW" in line else "")))] += int(size)
        if xid != "0" and kind in ("Heap", "Heap2", "Transaction"):
            words = self.transactions.setdefault(xid, [])
            word = f"{change} {name}".strip().rstrip(";")
            if len(words) < WORDS and word not in words:
                words.append(word)

    def tables(self, orders: int) -> str:
        """Both as text, the most first; aborted locks of orders are the person who clicks."""
        about = Counter(", ".join(words) for words in self.transactions.values())
        lines = ["bytes/order  written"]
        lines += [f"{size / orders:11.0f}  {name}" for name, size in self.bytes_by.most_common(TOP)]
        lines += ["", "transactions  that began with"]
        lines += [f"{count:12d}  {words}" for words, count in about.most_common(TOP)]
        return "\n".join(lines)


def position(connection: Connection[Any]) -> str:
    """Where the log stands now."""
    row = connection.execute("select pg_current_wal_insert_lsn()::text").fetchone()
    assert row is not None
    return str(row[0])


def read_journal(rig: Rig, start: str) -> Journal:
    """Everything since a position. It must be read soon after: the server recycles old parts of the log."""
    names: dict[str, str] = dict(rig.look.execute(NAMES).fetchall())
    rig.look.execute("select pg_switch_wal()")
    programs = Path(psutil.Process(rig.server.pid).exe()).parent
    folder = rig.server.log_path.parent / "cluster" / "pg_wal"
    command = [str(programs / "pg_waldump"), "--path", str(folder), "--start", start]
    journal = Journal()
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as dump:
        assert dump.stdout is not None
        for line in dump.stdout:
            journal.add(line, names)
    if not journal.bytes_by:
        raise BenchFailed("the server's log cannot be read", "run fewer orders: old parts of it are recycled")
    return journal
