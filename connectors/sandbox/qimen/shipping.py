"""Goods leave the building: what goes into which shipment and parcel, express numbers, the confirmation."""

from datetime import UTC, datetime
from sqlite3 import Row

from connectors.sandbox.qimen import outbox, reports, stockroom
from connectors.sandbox.qimen.gateway import CHINA
from connectors.sandbox.qimen.site import Site, now_text

Share = tuple[Row, int]

# Prefix and number of digits of the waybill numbers that the couriers give out.
_NUMBERS = {
    "ZTO": ("75", 12), "YTO": ("YT", 13), "SF": ("SF", 13), "STO": ("77", 13), "YUNDA": ("46", 13),
    "JD": ("JDVB", 11), "EMS": ("11", 11), "HTKY": ("55", 13), "JTSD": ("JT", 13),
}  # fmt: skip


def ship_next(site: Site, row: Row) -> tuple[int, bool]:
    """Put the next shipment of the order on the lorry: its id, and whether nothing is left afterwards."""
    code = row["code"]
    left = [(line, line["picked"] - line["actual"]) for line in site.lines(code)]
    left = [(line, pieces) for line, pieces in left if pieces > 0]
    is_first = site.storage.one("select 1 from shipment where delivery = ?", (code,)) is None
    going = left
    if is_first and site.happens("partial", code) and sum(pieces for _, pieces in left) > 1:
        going, _ = halves(left)
    is_final = going == left
    return _load(site, row, going, is_final), is_final


def halves(shares: list[Share]) -> tuple[list[Share], list[Share]]:
    """Two parts, neither empty, of shares with at least two pieces: by lines when there are several."""
    if len(shares) > 1:
        middle = (len(shares) + 1) // 2
        return shares[:middle], shares[middle:]
    line, pieces = shares[0]
    return [(line, pieces // 2)], [(line, pieces - pieces // 2)]


def send_confirm(site: Site, shipment: Row) -> None:
    """Hand the confirmation of a shipment to the outbox, twice for the share that is sent twice."""
    row = site.delivery(shipment["delivery"])
    sends = 2 if site.happens("duplicate_confirm", shipment["out_biz_code"]) else 1
    body = reports.delivery_confirm(site, row, shipment)
    outbox.send(site, "deliveryorder.confirm", row["customer"], row["code"], body, sends)


def add_parcel(site: Site, row: Row, shipment: int, shares: list[Share]) -> str:
    """Write down a parcel with its own express number, taking the hub's number when it gave an unused one."""
    number = row["asked_express"]
    if not number or site.storage.one("select 1 from parcel where express_code = ?", (number,)):
        number = _express_number(site, row["company"])
    package = f"PK-{site.storage.next_number('package', 1)}"
    with site.storage.write() as tx:
        tx.execute(
            "insert into parcel (express_code, shipment, delivery, company, package_code) values (?, ?, ?, ?, ?)",
            (number, shipment, row["code"], row["company"], package),
        )
        tx.executemany(
            "insert into parcel_item (express_code, line_no, quantity) values (?, ?, ?)",
            [(number, line["line_no"], pieces) for line, pieces in shares],
        )
    return str(number)


def add_shipment(site: Site, code: str, is_final: bool) -> int:
    """Open a shipment with its own message code; its id."""
    number = site.storage.next_number("message", 1)
    with site.storage.write() as tx:
        done = tx.execute(
            "insert into shipment (delivery, final, out_biz_code, at) values (?, ?, ?, ?)",
            (code, int(is_final), f"MSG-{code[:36]}-{number}", now_text()),
        )
        return int(done.lastrowid or 0)


def _load(site: Site, row: Row, going: list[Share], is_final: bool) -> int:
    shipment = add_shipment(site, row["code"], is_final)
    is_divided = site.happens("multi_package", row["code"]) and sum(pieces for _, pieces in going) > 1
    for parcel in halves(going) if is_divided else (going,):
        add_parcel(site, row, shipment, parcel)
    for line, pieces in going:
        _take(site, row, shipment, line, pieces)
    return shipment


def _take(site: Site, row: Row, shipment: int, line: Row, pieces: int) -> None:
    site.storage.execute(
        "update line set actual = actual + ? where delivery = ? and line_no = ?",
        (pieces, row["code"], line["line_no"]),
    )
    stockroom.move(site, row["warehouse"], line, -pieces)
    for batch, quantity in _batches(site, row, line, pieces):
        site.storage.execute(
            "insert into shipped_line (shipment, line_no, batch, quantity) values (?, ?, ?, ?)",
            (shipment, line["line_no"], batch, quantity),
        )


def _batches(site: Site, row: Row, line: Row, pieces: int) -> list[tuple[str, int]]:
    name = line["batch"] or datetime.now(UTC).astimezone(CHINA).strftime("B%y%m")
    if line["batch"] or pieces < 2 or not site.happens("batches", f"{row['code']}:{line['line_no']}"):
        return [(name, pieces)]
    return [(f"{name}-A", pieces - 1), (f"{name}-B", 1)]


def _express_number(site: Site, company: str) -> str:
    prefix, digits = _NUMBERS.get(company, (company[:4].upper(), 12))
    # The seed is part of the number, so that two sandboxes of different seeds do not give out the same one.
    number = site.seed % 1000 * 10 ** (digits - 4) + site.storage.next_number(f"express:{prefix}", 1)
    return f"{prefix}{number:0{digits}d}"
