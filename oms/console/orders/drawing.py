"""The drawing of the documents an order led to: boxes left to right in the order things happened."""

from __future__ import annotations

from dataclasses import dataclass, field

WIDTH, HEIGHT = 172, 44
COLUMN, ROW = 212, 60
MOST = 12


@dataclass(frozen=True, slots=True)
class Box:
    """A document: its name and state, where a click leads, how it is drawn (me, hold, case, done, fail, plan)."""

    key: str
    column: int
    name: str
    state: str
    href: str = ""
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Placed:
    """A box at its place, in SVG units."""

    box: Box
    x: int
    y: int


@dataclass(slots=True)
class Drawing:
    """Placed boxes and the curves between them."""

    width: int = 0
    height: int = 0
    boxes: list[Placed] = field(default_factory=list)
    edges: list[str] = field(default_factory=list)
    hidden: int = 0
    sentence: str = ""


def draw(boxes: list[Box], links: list[tuple[str, str]], sentence: str) -> Drawing:
    """Place the boxes in their columns and join them; at most twelve are drawn."""
    shown = boxes[:MOST]
    rows: dict[int, int] = {}
    drawing = Drawing(hidden=len(boxes) - len(shown), sentence=sentence)
    columns = sorted({box.column for box in shown})
    for box in shown:
        row = rows.get(box.column, 0)
        rows[box.column] = row + 1
        drawing.boxes.append(Placed(box, columns.index(box.column) * COLUMN, row * ROW + 2))
    drawing.width = max(1, len(columns)) * COLUMN - (COLUMN - WIDTH)
    drawing.height = max(rows.values(), default=1) * ROW
    at = {placed.box.key: placed for placed in drawing.boxes}
    drawing.edges = [_curve(at[a], at[b]) for a, b in links if a in at and b in at]
    return drawing


def _curve(start: Placed, end: Placed) -> str:
    """A curve from the right edge of one box to the left edge of another; straight on one level."""
    x1, y1 = start.x + WIDTH, start.y + HEIGHT // 2
    x2, y2 = end.x, end.y + HEIGHT // 2
    if y1 == y2:
        return f"M{x1} {y1}H{x2}"
    bend = (x2 - x1) // 2
    return f"M{x1} {y1}C{x1 + bend} {y1} {x2 - bend} {y2} {x2} {y2}"
