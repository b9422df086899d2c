"""Document numbers as bars that any scanner reads: Code 39, drawn as SVG."""

from __future__ import annotations

from typing import Final

from markupsafe import Markup

#: Nine bars and spaces of a character, the wide ones marked.
WIDE: Final = {
    "0": "000110100", "1": "100100001", "2": "001100001", "3": "101100000", "4": "000110001", "5": "100110000",
    "6": "001110000", "7": "000100101", "8": "100100100", "9": "001100100", "A": "100001001", "B": "001001001",
    "C": "101001000", "D": "000011001", "E": "100011000", "F": "001011000", "G": "000001101", "H": "100001100",
    "I": "001001100", "J": "000011100", "K": "100000011", "L": "001000011", "M": "101000010", "N": "000010011",
    "O": "100010010", "P": "001010010", "Q": "000000111", "R": "100000110", "S": "001000110", "T": "000010110",
    "U": "110000001", "V": "011000001", "W": "111000000", "X": "010010001", "Y": "110010000", "Z": "011010000",
    "-": "010000101", "*": "010010100",
}  # fmt: skip
NARROW, BROAD, HEIGHT = 2, 5, 44


def bars(text: str) -> list[tuple[int, int]]:
    """Where each black bar of a number begins and how wide it is; KeyError for what Code 39 cannot say."""
    found, x = [], 0
    for character in f"*{text.upper()}*":
        for index, wide in enumerate(WIDE[character]):
            width = BROAD if wide == "1" else NARROW
            if index % 2 == 0:
                found.append((x, width))
            x += width
        x += NARROW
    return found


def barcode(text: str) -> Markup:
    """A number as an image; the number itself stands beside it for people."""
    drawn = bars(text)
    end = drawn[-1][0] + drawn[-1][1]
    rects = Markup("").join(
        Markup('<rect x="{}" y="0" width="{}" height="{}"/>').format(x, width, HEIGHT) for x, width in drawn
    )
    return Markup('<svg class="bars" viewBox="0 0 {} {}" role="img" aria-label="{}">{}</svg>').format(
        end, HEIGHT, text, rects
    )
