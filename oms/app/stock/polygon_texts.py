"""Polygons as people write them: a corner a line, rings parted by an empty line, or GeoJSON; what is refused of them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

import orjson

from oms.domain.areas import Area, Place
from oms.domain.errors import Invalid
from oms.domain.polygons import is_inside, trouble_of

_NUMBER: Final = r"([+-]?(?:\d{1,3}(?:\.\d*)?|nan|inf(?:inity)?))"
_CORNER: Final = re.compile(rf"{_NUMBER}\s*[,，\s]\s*{_NUMBER}", re.IGNORECASE)
_HOLE: Final = ("洞", "hole")
MOST_TEXT: Final = 100_000


def read_polygons(text: str) -> list[Area]:
    """Polygons of a text; a ring headed by 洞 is a hole in the one above, one headed by - is never delivered to."""
    if len(text) > MOST_TEXT:
        raise Invalid("polygon", "the polygons are too long", "draw them more simply")
    if text.lstrip().startswith("{"):
        return list(_geojson(text))
    areas: list[Area] = []
    for block in re.split(r"\n\s*\n", text.replace("\r", "").strip()):
        parts = [part.strip() for part in re.split(r"[;\n；]+", block) if part.strip()]
        if not parts:
            continue
        head = parts[0].lower()
        ring = _closed([_corner(part) for part in (parts[1:] if head in (*_HOLE, "-") else parts)])
        if head in _HOLE:
            if not areas:
                raise refusal("hole")
            last = areas.pop()
            areas.append(Area("polygon", shape=last.shape, is_excluded=last.is_excluded, holes=(*last.holes, ring)))
        else:
            areas.append(Area("polygon", shape=ring, is_excluded=head == "-"))
    return areas


def _corner(part: str) -> Place:
    found = _CORNER.fullmatch(part)
    if found is None:
        raise Invalid("polygon", "a corner is a latitude and a longitude", "write it like 30.25,120.15")
    return float(found[1]), float(found[2])


def _closed(ring: Sequence[Place]) -> tuple[Place, ...]:
    """Without a corner that repeats the one before, nor the first one at the end."""
    kept = [corner for number, corner in enumerate(ring) if number == 0 or corner != ring[number - 1]]
    return tuple(kept[:-1] if len(kept) > 1 and kept[0] == kept[-1] else kept)


def _geojson(text: str) -> Iterator[Area]:
    """Polygons of a GeoJSON document, in which longitudes come first."""
    try:
        for rings in _shapes(orjson.loads(text)):
            read = [_closed([(float(corner[1]), float(corner[0])) for corner in ring]) for ring in rings]
            yield Area("polygon", shape=read[0], holes=tuple(read[1:]))
    except (ValueError, TypeError, KeyError, IndexError, AttributeError, RecursionError):
        raise Invalid("polygon", "this is no GeoJSON of polygons", "export it as Polygon or MultiPolygon") from None


def _shapes(tree: dict[str, Any]) -> Iterator[Any]:
    kind = tree["type"]
    if kind == "Polygon":
        yield tree["coordinates"]
    elif kind == "MultiPolygon":
        yield from tree["coordinates"]
    elif kind == "Feature":
        yield from _shapes(tree["geometry"])
    elif kind == "FeatureCollection":
        for feature in tree["features"]:
            yield from _shapes(feature)
    else:
        raise ValueError(kind)


def check_polygon(area: Area, near: Place | None) -> None:
    """Refuse a polygon that cannot be meant; `near` is where its stock point is."""
    for ring in (area.shape, *area.holes):
        code = trouble_of(ring, near)
        if code:
            raise refusal(code)
    if any(not is_inside(corner, area.shape) for hole in area.holes for corner in hole):
        raise refusal("hole")


def refusal(code: str) -> Invalid:
    """The words for what is wrong with a polygon."""
    where = "polygon"
    return {
        "number": Invalid(where, "a corner is no number", "write it like 30.25,120.15"),
        "corners": Invalid(where, "a polygon needs three corners or more", "add corners, or use a radius"),
        "too_many": Invalid(where, "a polygon may have 500 corners", "draw them more simply"),
        "swapped": Invalid(where, "latitude and longitude look exchanged", "write the latitude first"),
        "off_earth": Invalid(where, "a corner is not on the globe", "write it like 30.25,120.15"),
        "crossing": Invalid(where, "the sides of a polygon cross or touch", "write the corners in their order"),
        "flat": Invalid(where, "a polygon has no surface", "write the corners in their order"),
        "hole": Invalid(where, "a hole lies outside of its polygon", "write it below the polygon that it is in"),
    }[code]


def written_polygons(areas: Iterable[Area]) -> str:
    """The polygons as `read_polygons` reads them."""
    blocks = []
    for area in areas:
        if area.kind == "polygon":
            blocks.append(("-\n" if area.is_excluded else "") + _ring(area.shape))
            blocks += [f"{_HOLE[0]}\n{_ring(hole)}" for hole in area.holes]
    return "\n\n".join(blocks)


def _ring(corners: Sequence[Place]) -> str:
    return "\n".join(f"{lat},{lon}" for lat, lon in corners)
