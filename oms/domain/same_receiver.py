"""When two receivers are written differently and still are one: names, phones and addresses as they are compared.

Nothing here is stored or shown; what is stored is a keyed hash of it (oms/app/kernel/receivers.py).
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Final

from oms.domain.divisions import plain_name, tidy
from oms.domain.receivers import plain_phone

#: Everything that people put between the parts of an address; only between two figures or letters does it say anything.
_BETWEEN: Final = re.compile(r"[^\w\u4e00-\u9fff]+|_+")
_TELLING: Final = re.compile(r"(?<=[0-9a-z])\|(?=[0-9a-z])")
_KIND: Final = "(?:特别行政区|壮族自治区|回族自治区|维吾尔自治区|自治区|自治州|地区|省|市|盟)"
#: Levels that exist on paper only.
_ON_PAPER: Final = frozenset({"", "市辖区", "县", "城区", "郊县", "省直辖县级行政区划", "自治区直辖县级行政区划"})
_NOTHING: Final = re.compile("(?!)")


def same_name(text: str) -> str:
    """A name as it is compared: half-width, small letters, without blanks and dots."""
    plain = _plain(text)
    return plain if plain.isalnum() else _BETWEEN.sub("", plain)


def same_phone(text: str) -> str:
    """A phone as it is compared; an extension stays, since it names the person behind a shared number."""
    if text.isdigit() and text.isascii() and len(text) == 11:
        return text
    return plain_phone(_plain(text).replace("—", "-").replace("–", "-"))


def same_address(state: str, city: str, district: str, town: str, street: str) -> str:
    """An address as it is compared.

    Places count once however often they are written; what stands between figures stays, so that 1-11 is not 11-1.
    """
    places, beginning = _place(state, city, district)
    rest = _street(street)
    for _ in range(2):
        found = beginning.match(rest)
        if found is None:
            break
        rest = rest[found.end() :]
    plain_town = _street(town) if town else ""
    return f"{places}|{plain_town}|{rest.removeprefix(plain_town)}"


@lru_cache(maxsize=4096)
def _place(state: str, city: str, district: str) -> tuple[str, re.Pattern[str]]:
    """The place by plain names, and how a street begins that writes it once more.

    A name without its kind counts only before a smaller place: 南京东路 in Nanjing keeps its name.
    """
    names = [plain_name(state), plain_name(city), tidy(district)]
    if names[1] in _ON_PAPER or names[1] == names[0]:
        names[1] = ""
    if names[2] in _ON_PAPER:
        names[2] = ""
    big, middle = (f"(?:{re.escape(name)}{_KIND}?){{0,2}}" if name else "" for name in names[:2])
    ways = [big + middle + re.escape(names[2])] if names[2] else []
    ways += [big + re.escape(names[1]) + _KIND] if names[1] else []
    ways += [re.escape(names[0]) + _KIND] if names[0] else []
    return "|".join(names), re.compile("|".join(ways)) if ways else _NOTHING


def _street(text: str) -> str:
    plain = _plain(text)
    if plain.isalnum():
        return plain
    marked = _BETWEEN.sub("|", plain)
    return _TELLING.sub("-", marked.strip("|")).replace("|", "") if "|" in marked else marked


def _plain(text: str) -> str:
    return text.casefold() if unicodedata.is_normalized("NFKC", text) else unicodedata.normalize("NFKC", text).casefold()
