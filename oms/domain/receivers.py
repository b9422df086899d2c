"""What is wrong with a receiver's text: ciphertext and two addresses in one; and its phone and address to compare.

What is missing is in addresses.
"""

from __future__ import annotations

import re
from typing import Final

_HAN: Final = "\u4e00-\u9fff"
#: Stars where figures or a street should be, or what platforms seal details with: ~…~, $…$, #…##, long base64.
_STARS: Final = re.compile(r"\*{2,}|＊{2,}")
_SEALED: Final = re.compile(
    r"^[~$#][A-Za-z0-9+/=_$#~-]{8,}|~Ag[A-Z]{4}|^[A-Za-z0-9+/_-]{32,}={0,2}$|^[A-Za-z0-9+/_-]{10,}={1,2}$"
)
_FIGURE: Final = re.compile(r"\d")
#: A city with a district or county, or a province with a city; 市 of a market or of a street's name is none.
_PLACE: Final = re.compile(
    rf"(?:[{_HAN}]{{2,5}}?(?:省|自治区)){{0,1}}[{_HAN}]{{2,5}}?(?:市|自治州)(?![场集民政委]|中心)"
    rf"[{_HAN}]{{1,5}}?(?<![小园社校院厂库景片])(?:区|县|旗)"
    rf"|[{_HAN}]{{2,5}}?(?:省|自治区)[{_HAN}]{{2,5}}?(?:市|自治州)"
)
_PROVINCE: Final = re.compile(rf"^[{_HAN}]{{2,5}}?(?:省|自治区)")
#: No city has a name of one character: 城市, 超市.
_SHORT: Final = re.compile(r".市")
#: A house number: what comes after it is no beginning of the same address.
_NUMBERED: Final = re.compile(r"\d+\s*[号室幢栋弄座#]")
_SAID: Final = re.compile(
    r"备用地址|备选地址|另一个?地址|第[二2]个?地址|地址[二2②](?![\d号幢栋室楼])|两个地址|[旧老]地址|新地址|改地址|改成.{0,6}地址|"
    r"或者?(?:发|寄|送)(?:到|往|至)"
)


def sealed_parts(name: str, phone: str, street: str) -> tuple[str, ...]:
    """The parts that are ciphertext or stars, of a receiver whose platform says it is plain."""
    parts = (("name", name), ("phone", phone), ("street", street))
    return tuple([part for part, text in parts if text and _is_sealed(text)])


def _is_sealed(text: str) -> bool:
    if "*" in text or "＊" in text:
        return _STARS.search(text) is not None
    if not text[0].isascii() or len(text) < 9:
        return False
    found = _SEALED.search(text.strip())
    return found is not None and (text[0] in "~$#" or _is_mixed(text))


def _is_mixed(text: str) -> bool:
    """Small and large letters and figures in groups of four, as base64 has and a street without blanks has not."""
    return (
        len(text.strip()) % 4 == 0 and text != text.lower() and text != text.upper() and _FIGURE.search(text) is not None
    )


def holds_two(state: str, city: str, district: str, street: str) -> bool:
    """Whether the street's text tells of two places: by words for it, or by places of different names.

    The receiver's own place written once more is no second one, and one other place at the very beginning is a wrong
    division rather than two addresses.
    """
    if len(street) < 8:
        return False
    if "址" in street and _SAID.search(street):
        return True
    if "市" not in street and "州" not in street:
        return False
    rest = _without_beginning(street, (state, city, district))
    if "市" not in rest and "州" not in rest:
        return False
    found = [(match.start(), _tidied(match.group())) for match in _PLACE.finditer(rest)]
    places = {place for _, place in found if _SHORT.match(place) is None}
    if not places:
        return False
    longest = max(places, key=len)
    if any(place not in longest for place in places):
        return True
    is_own = city.removesuffix("市") in longest and district in longest
    return not is_own and (rest != street or _NUMBERED.search(rest, 0, found[-1][0] + 1) is not None)


def _without_beginning(street: str, own: tuple[str, str, str]) -> str:
    """The street without the receiver's own divisions before it, which many buyers write again."""
    for part in own + own:
        if part and street.startswith(part):
            street = street[len(part) :]
    return street


def _tidied(place: str) -> str:
    """A place without the end of the address before it, and without its province where a city is told."""
    place = place.lstrip("号室楼幢栋层元座弄村")
    return _PROVINCE.sub("", place) or place


_AROUND: Final = re.compile(r"[\s()（）]|(?<=\d)-(?=\d{4,})|^(?:\+?86|0086)(?=1\d{10})")


def plain_phone(text: str) -> str:
    """A phone as it is compared: without blanks, brackets, dashes and China's prefix before a mobile number."""
    if text.isdigit() and len(text) == 11:
        return text
    bare = _AROUND.sub("", text.strip())
    return _AROUND.sub("", bare)


def plain_address(text: str) -> str:
    """An address as it is compared: without blanks."""
    return "".join(text.split())
