"""What Amap's infocodes mean for the hub, and which levels are no better than a district."""

from __future__ import annotations

from typing import Final

#: The key, its signature or where it may be used from is refused.
KEY_REFUSED: Final = frozenset(["10001", "10005", "10006", "10007", "10008", "10009", "10012", "10013", "10026", "10041"])
#: The key has had its calls for now; the second number is how long to leave it alone, in seconds.
LIMITED: Final = {
    "10003": 3600.0, "10004": 2.0, "10010": 3600.0, "10014": 2.0, "10015": 2.0, "10019": 2.0, "10020": 2.0,
    "10021": 2.0, "10029": 2.0, "10044": 3600.0, "10045": 3600.0, "40000": 3600.0,
}  # fmt: skip
#: Amap is busy or fails; the same question may be answered later.
LATER: Final = frozenset(
    ("10002", "10016", "10017", "20003", "30000", "30002", "30003", "32000", "32001", "32002", "32003")
)
#: It understood and knows no such place.
NO_SUCH_PLACE: Final = frozenset(("30001",))
ROUGH: Final = frozenset(("国家", "省", "市", "区县", "未知"))
