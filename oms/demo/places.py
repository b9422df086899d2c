"""The demo's buildings, couriers and what they charge: constants of the set-up, written by masters.py."""

from __future__ import annotations

from typing import Final, NamedTuple


class Building(NamedTuple):
    """A warehouse of the twin; `side` is the word of the catalogue's `stocked_at`, `near` province codes."""

    code: str
    name: str
    division: str
    side: str
    rank: int
    near: tuple[str, ...]


class Courier(NamedTuple):
    """A carrier: first kilogram to near and to other provinces in fen, and whether kuaidi100 follows its parcels."""

    code: str
    name: str
    near: int
    far: int
    allows_cod: bool = True
    is_tracked: bool = True
    skips: tuple[str, ...] = ()


BUILDINGS: Final = (
    Building("WH-HZ-01", "华东杭州仓", "330110", "east", 0, ("31", "32", "33", "34", "36", "37", "41", "11", "12", "13")),
    Building("WH-GZ-01", "华南广州仓", "440106", "south", 1, ("44", "45", "46", "35", "43", "52", "53")),
)
#: The same step price for all, so that a heavier parcel does not change which courier is the cheapest.
STEP_GRAMS: Final = 1000
STEP_FEN: Final = 150
COURIERS: Final = (
    Courier("ZTO", "中通快递", 320, 560, skips=("54", "65")),
    Courier("YTO", "圆通速递", 360, 520, skips=("54",)),
    Courier("STO", "申通快递", 380, 580),
    Courier("YUNDA", "韵达快递", 370, 570, allows_cod=False),
    Courier("EMS", "EMS", 900, 1100),
    # SF tells nothing without a phone's last digits, which a masked receiver does not have.
    Courier("SF", "顺丰速运", 1200, 1800, is_tracked=False),
)
#: The twin's size classes in the hub's words: only what needs an appointment is large.
SIZE_CLASSES: Final = {"small": "small", "medium": "medium", "large": "medium", "fragile": "medium", "bulky": "large"}
#: Units of every SKU that a building starts with.
FIRST_STOCK: Final = 20_000
#: In a demo with a shortage, so many units are there of the SKU of this rank among those stocked everywhere.
SCARCE_RANK: Final = 2
SCARCE_STOCK: Final = 2
SENDERS: Final = {
    "sender_name": "示例仓发货组",
    "sender_mobile": "13800000000",
    "sender_province": "浙江省",
    "sender_city": "杭州市",
    "sender_area": "余杭区",
    "sender_address": "示例路1号",
}
