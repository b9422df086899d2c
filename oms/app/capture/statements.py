"""Takes bills of platforms in: each document sealed, each of its lines once; comparing them is not done here."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection

from connectors.contract.errors import BadRecord, ConnectorError
from connectors.contract.families import Marketplace
from connectors.contract.records import RawDocument, StatementLine
from oms.app.capture.new_orders import DATA_KEY, RAW
from oms.app.capture.parked import park, resolve
from oms.app.kernel.hub import Hub
from oms.app.kernel.load import fetch
from oms.app.kernel.masters import ShopCard
from oms.db.bulk import copy_rows, psycopg_connection
from oms.db.sealed import content_hash
from oms.db.settlement import KINDS
from oms.db.trouble import REFUSED_ROWS, constraint_of

WRITE = """
insert into statement_row (shop_id, external_no, kind, order_no, line_no, amount, currency, at, words, document_no)
values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
on conflict (shop_id, external_no) do update set kind = excluded.kind, order_no = excluded.order_no,
  line_no = excluded.line_no, amount = excluded.amount, currency = excluded.currency, at = excluded.at,
  words = excluded.words, document_no = excluded.document_no"""


def take_statements(
    hub: Hub, connection: Connection, shop: ShopCard, connector: Marketplace, documents: Sequence[RawDocument]
) -> int:
    """Keep documents and lines; answers how many documents were new. The same bill once more changes nothing."""
    new = 0
    for document in documents:
        if _is_known(connection, shop.id, document):
            continue
        error = _take(hub, connection, shop, connector, document)
        if error is not None:
            park(hub, connection, shop.id, [(document, error)])
            continue
        resolve(connection, shop.id, [document.external_no], kind="statement")
        new += 1
    return new


def _is_known(connection: Connection, shop_id: int, document: RawDocument) -> bool:
    rows = fetch(
        connection,
        """select 1 from raw_document where shop_id = %s and external_no = %s and kind = 'statement'
           and content_hash = %s limit 1""",
        (shop_id, document.external_no, content_hash(document.body)),
    )
    return bool(rows)


def _take(
    hub: Hub, connection: Connection, shop: ShopCard, connector: Marketplace, document: RawDocument
) -> BadRecord | None:
    try:
        lines = connector.parse_statement(document.body)
        with connection.begin_nested():
            _write(connection, shop.id, document.external_no, lines)
            _keep(hub, connection, shop.id, document)
    except BadRecord as error:
        return error
    except REFUSED_ROWS as error:
        return BadRecord(f"refused by the database: {constraint_of(error)}", field="document")
    except (ConnectorError, ArithmeticError, LookupError, TypeError, ValueError) as error:
        return BadRecord(f"cannot be read ({type(error).__name__})", field="document")
    return None


def _write(connection: Connection, shop_id: int, document_no: str, lines: Sequence[StatementLine]) -> None:
    """A kind that nobody knows keeps its word and counts as other."""
    with psycopg_connection(connection).cursor() as cursor:
        cursor.executemany(
            WRITE,
            [
                (shop_id, line.external_no, line.kind if line.kind in KINDS else "other", line.order_no, line.line_no,
                 line.amount, line.currency, line.at, line.words[:200], document_no)
                for line in lines
            ],
        )  # fmt: skip


def _keep(hub: Hub, connection: Connection, shop_id: int, document: RawDocument) -> None:
    (id_,) = hub.ids.take(connection, 1)
    key, wrapped = hub.keys.new_data_key(id_)
    copy_rows(connection, "data_key", DATA_KEY, [(id_, hub.keys.current, wrapped)])
    month = hub.clock().date().replace(day=1)
    row = (month, shop_id, document.external_no, id_, "statement", id_, key.seal(document.body),
           content_hash(document.body), document.changed_at, document.fetched_at)  # fmt: skip
    copy_rows(connection, "raw_document", RAW, [row])
