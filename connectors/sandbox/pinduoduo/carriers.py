"""The carriers that the platform knows: its number, its code, its name, whether parcels may be told with it."""

from __future__ import annotations

from typing import NamedTuple


class Carrier(NamedTuple):
    """A carrier; `available` is false for one that has left the market."""

    id: int
    code: str
    name: str
    available: bool = True


CARRIERS = {
    carrier.id: carrier
    for carrier in (
        Carrier(1, "STO", "申通快递"),
        Carrier(3, "HT", "百世快递", available=False),
        Carrier(44, "SF", "顺丰快递"),
        Carrier(85, "YTO", "圆通快递"),
        Carrier(115, "ZTO", "中通快递"),
        Carrier(118, "EMS", "邮政EMS"),
        Carrier(120, "JD", "京东快递"),
        Carrier(121, "YUNDA", "韵达快递"),
        Carrier(132, "YZXB", "邮政快递包裹"),
        Carrier(180, "DB", "德邦快递"),
        Carrier(384, "JTSD", "极兔速递"),
    )
}


def id_of(code: str) -> int:
    """The platform's number of a code; 0 for none."""
    return next((carrier.id for carrier in CARRIERS.values() if carrier.code == code), 0)
