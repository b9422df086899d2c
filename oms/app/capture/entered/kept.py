"""The row an upload leaves in import_batch: its counts, and sealed what still waits and what was refused."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

import orjson
from sqlalchemy import Connection

from oms.app.capture.entered.columns import COLUMNS
from oms.app.capture.entered.reading import Entered
from oms.app.capture.entered.rows import Row
from oms.app.kernel.connectors import raise_alert
from oms.app.kernel.hub import Hub
from oms.app.kernel.load import fetch
from oms.db.bulk import psycopg_connection
from oms.db.sealed import LARGEST
from oms.domain.errors import Invalid, LostLease, NotFound

KIND: Final = "orders"
KEYS: Final = tuple(column.key for column in COLUMNS)
RUNNING: Final = "kind = 'orders' and taken + repeated + failed < rows"


@dataclass(frozen=True, slots=True)
class Counts:
    """Rows of a file by how they ended."""

    rows: int
    taken: int
    repeated: int
    failed: int

    @property
    def done(self) -> int:
        """Rows that have ended."""
        return self.taken + self.repeated + self.failed


@dataclass(slots=True)
class Content:
    """What is sealed of an upload: orders that waited when it had done `base` rows, and refused rows."""

    base: int
    waiting: list[Entered] = field(default_factory=list)
    refused: list[Row] = field(default_factory=list)

    def after(self, done: int) -> list[Entered]:
        """The orders that wait when so many rows are done."""
        passed, at = self.base, 0
        while passed < done and at < len(self.waiting):
            passed += len(self.waiting[at].rows)
            at += 1
        return self.waiting[at:]

    def pack(self) -> bytes:
        """As bytes."""
        waiting = [(one.shop_id, one.external_no, one.body.decode(), _plain(one.rows)) for one in self.waiting]
        return orjson.dumps({"base": self.base, "waiting": waiting, "refused": _plain(self.refused)})


def unpack(packed: bytes) -> Content:
    """The content of an upload."""
    tree = orjson.loads(packed)
    waiting = [Entered(shop, number, _rows(rows), body.encode()) for shop, number, body, rows in tree["waiting"]]
    return Content(tree["base"], waiting, _rows(tree["refused"]))


def _plain(rows: list[Row]) -> list[Any]:
    return [([row.cells.get(key, "") for key in KEYS], row.problems) for row in rows]


def _rows(plain: list[Any]) -> list[Row]:
    return [
        Row(dict(zip(KEYS, cells, strict=True)), [(column, words) for column, words in problems])
        for cells, problems in plain
    ]


@dataclass(frozen=True, slots=True)
class Upload:
    """A file as it came: its name, the hash of it and of who brought it, so that each has an upload of their own."""

    file_name: str
    content_hash: bytes
    actor: str


def running_upload(connection: Connection, upload: Upload) -> int | None:
    """The same file, when it is being worked on right now."""
    rows = fetch(connection, f"select id from import_batch where content_hash = %s and {RUNNING}", (upload.content_hash,))
    return int(rows[0][0]) if rows else None


def keep_upload(hub: Hub, connection: Connection, upload: Upload, counts: Counts, content: Content, now: datetime) -> int:
    """Write the upload's row. A file that comes again has its row brought up to date: what was taken is a repeat now."""
    _forget_key(connection, "content_hash = %s", upload.content_hash)
    key_id, sealed = _seal(hub, connection, content)
    with psycopg_connection(connection).cursor() as cursor:
        cursor.execute(
            """insert into import_batch as i (kind, file_name, content_hash, rows, taken, repeated, failed, data_key_id,
                 sealed_failures, imported_by, created_at)
               values ('orders', %(name)s, %(hash)s, %(rows)s, 0, %(repeated)s, %(failed)s, %(key)s, %(sealed)s,
                 %(actor)s, %(now)s)
               on conflict (kind, shop_id, content_hash) do update set rows = excluded.rows,
                 taken = 0, repeated = excluded.repeated, failed = excluded.failed, data_key_id = excluded.data_key_id,
                 sealed_failures = excluded.sealed_failures, imported_by = excluded.imported_by,
                 file_name = excluded.file_name
               returning id""",
            {"name": upload.file_name[:200], "hash": upload.content_hash, "rows": counts.rows,
             "repeated": counts.repeated, "failed": counts.failed, "key": key_id, "sealed": sealed,
             "actor": upload.actor, "now": now},
        )  # fmt: skip
        found = cursor.fetchone()
    return int(found[0]) if found else 0


def _seal(hub: Hub, connection: Connection, content: Content) -> tuple[int | None, bytes | None]:
    """Seal what is left of an upload with a key of its own; nothing when nothing is left."""
    if not content.waiting and not content.refused:
        return None, None
    packed = content.pack()
    if len(packed) > LARGEST:
        raise Invalid("file", "the file holds too much text", "split it")
    (key_id,) = hub.ids.take(connection, 1)
    key, wrapped = hub.keys.new_data_key(key_id)
    with psycopg_connection(connection).cursor() as cursor:
        cursor.execute(
            "insert into data_key (id, master_key_id, wrapped) values (%s, %s, %s)",
            (key_id, hub.keys.current, wrapped),
        )
    return key_id, key.seal(packed)


def open_upload(hub: Hub, connection: Connection, batch_id: int) -> tuple[Counts, Content, str]:
    """An upload's counts and content, and who brought it; NotFound when nothing of it is kept."""
    rows = fetch(
        connection,
        """select i.rows, i.taken, i.repeated, i.failed, i.imported_by, i.data_key_id, d.master_key_id, d.wrapped,
             i.sealed_failures
           from import_batch i join data_key d on d.id = i.data_key_id where i.id = %s and i.kind = 'orders'""",
        (batch_id,),
    )
    if not rows:
        raise NotFound("there is no such upload with refused rows", "upload the file again")
    *counts, actor, key_id, master, wrapped, sealed = rows[0]
    content = unpack(hub.keys.open_data_key(key_id, master, wrapped).unseal(sealed))
    return Counts(*counts), content, actor


def lock_upload(connection: Connection, batch_id: int, done: int) -> None:
    """Hold an upload's row while some of its orders are taken in; LostLease when another worker has gone on with it."""
    rows = fetch(
        connection,
        "select taken + repeated + failed from import_batch where id = %s for update skip locked",
        (batch_id,),
    )
    if not rows or rows[0][0] != done:
        raise LostLease("this upload goes on elsewhere", "write nothing")


def count_on(hub: Hub, connection: Connection, batch_id: int, ended: tuple[int, int, int], refused: list[Row]) -> None:
    """Add rows that were taken, repeated and refused; the refused are kept with those of before."""
    with psycopg_connection(connection).cursor() as cursor:
        cursor.execute(
            """update import_batch set taken = taken + %s, repeated = repeated + %s, failed = failed + %s where id = %s
               returning taken + repeated + failed >= rows""",
            (*ended, batch_id),
        )
        is_over = bool((cursor.fetchone() or (False,))[0])
    if refused or is_over:
        _keep_content(hub, connection, batch_id, refused, is_over=is_over)


def give_up(connection: Connection, batch_id: int, words: str) -> None:
    """Count what waits of an upload that cannot be opened as failed and tell people why; one that is over stays."""
    with psycopg_connection(connection).cursor() as cursor:
        cursor.execute(
            f"update import_batch set failed = rows - taken - repeated where id = %s and {RUNNING} returning file_name",
            (batch_id,),
        )
        found = cursor.fetchone()
    if found:
        told = f"the rest of {found[0]} was not imported: {words}; upload the file again"
        raise_alert(connection, "import_failed", str(batch_id), told)


def _keep_content(hub: Hub, connection: Connection, batch_id: int, refused: list[Row], *, is_over: bool) -> None:
    """Write the content anew with more refused rows; what waited goes when all is done, and so does its key."""
    _counts, content, _actor = open_upload(hub, connection, batch_id)
    _forget_key(connection, "id = %s", batch_id)
    content.refused += refused
    if is_over:
        content.waiting = []
    key_id, sealed = _seal(hub, connection, content)
    with psycopg_connection(connection).cursor() as cursor:
        cursor.execute(
            "update import_batch set data_key_id = %s, sealed_failures = %s where id = %s", (key_id, sealed, batch_id)
        )


def _forget_key(connection: Connection, where: str, value: object) -> None:
    """Drop the key of an upload's content, which is about to be written anew."""
    found = f"select data_key_id from import_batch where kind = 'orders' and {where}"
    with psycopg_connection(connection).cursor() as cursor:
        cursor.execute(f"delete from data_key where id in ({found})", (value,))
