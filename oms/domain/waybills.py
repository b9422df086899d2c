"""Waybill numbers as platforms and warehouses write them. Whose parcel one is, is not decided here."""

from __future__ import annotations

from typing import Final

#: What parts several waybills of one line in a platform's text.
BETWEEN: Final = ",|;，；"


def waybills_in(text: str) -> list[str]:
    """The waybills in a text, each once; some platforms write several into one."""
    for sign in BETWEEN[1:]:
        text = text.replace(sign, BETWEEN[0])
    return list(dict.fromkeys(part.strip() for part in text.split(BETWEEN[0]) if part.strip()))


def same_form(waybill: str) -> str:
    """A waybill in the one form in which two writings of it are equal."""
    return "".join(waybill.split()).upper()
