"""The killer finds what there is to kill: parts by the status file, PostgreSQL's children by their kinds."""

from __future__ import annotations

from pathlib import Path

import psycopg

from oms.config import plain_url
from oms.demo.killing import KINDS, children_of


def test_every_kind_of_a_servers_children_is_known(postgres_server: str) -> None:
    with psycopg.connect(plain_url(postgres_server)) as connection:
        backend = connection.info.backend_pid
        parent = int(Path(f"/proc/{backend}/stat").read_text().rpartition(")")[2].split()[1])
        found = children_of(parent)
    assert backend in found["backend"]
    assert {"checkpointer", "background writer", "walwriter"} <= set(found)
    assert set(found) <= {*KINDS, "autovacuum worker", "starting", "logger"}
