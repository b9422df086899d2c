"""Document numbers people read out: a letter for the kind and the id, with a check digit."""

from __future__ import annotations

from typing import Final

LETTERS: Final = {
    "order": "D",
    "fulfilment": "F",
    "parcel": "B",
    "case": "S",
    "refund": "T",
    "receipt": "R",
    "transfer": "Y",
    "note": "P",
    "goods_receipt": "G",
    "adjustment": "A",
    "entry": "E",
    "stockout": "C",
}
#: Digits of a number, its check digit among them, and of a version; what is longer is not ours.
MOST_DIGITS, MOST_OF_VERSION = 20, 9
KINDS: Final = {letter: kind for kind, letter in LETTERS.items()}


#: Twice a digit, its own digits added up.
_DOUBLED: Final = str.maketrans("0123456789", "0246813579")


def _check_digit(digits: str) -> str:
    """Luhn's digit, so that one mistyped figure is noticed: every other one counts twice, the last one first."""
    total = sum(map(int, digits[-2::-2])) + sum(map(int, digits[::-2].translate(_DOUBLED)))
    return str(-total % 10)


def _is_plain(digits: str) -> bool:
    """Digits as we write them, not the raised or foreign ones that others may send."""
    return digits.isascii() and digits.isdigit()


def document_no(kind: str, id_: int, version: int = 1) -> str:
    """The number of a document, e.g. F1234567 or, re-created at the warehouse, F1234567-2."""
    digits = str(id_)
    number = f"{LETTERS[kind]}{digits}{_check_digit(digits)}"
    return number if version == 1 else f"{number}-{version}"


def parse_document_no(text: str) -> tuple[str, int, int] | None:
    """(kind, id, version) of a number, None when it is not one of ours."""
    number, _, version = text.strip().upper().partition("-")
    digits = number[1:]
    if not 2 <= len(digits) <= MOST_DIGITS or number[0] not in KINDS or not _is_plain(digits):
        return None
    if version and (len(version) > MOST_OF_VERSION or not _is_plain(version)):
        return None
    if _check_digit(digits[:-1]) != digits[-1]:
        return None
    return KINDS[number[0]], int(digits[:-1]), int(version or 1)
