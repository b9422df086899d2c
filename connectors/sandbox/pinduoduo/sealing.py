"""People as the platform shows them: sealed texts only it can open, masked texts, and the ids of addressees."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from typing import Any

Receiver = Mapping[str, str]
#: The platform's numbers of what was sealed.
NAME, PHONE, ADDRESS = 5, 6, 8
SHOWN_IN_STREETS = frozenset("省市区县镇路街道巷里号幢室")


def clear_texts(receiver: Receiver, *, virtual: bool = False) -> dict[int, str]:
    """What is sealed, by its type; `virtual` stands for the setting that gives numbers of an exchange."""
    phone = f"{receiver['mobile']}-{_extension(receiver['mobile'])}" if virtual else receiver["mobile"]
    return {NAME: receiver["name"], PHONE: phone, ADDRESS: address_of(receiver)}


def address_of(receiver: Receiver) -> str:
    """The address after the district."""
    return f"{receiver['town']}{receiver['address']}"


def seal(order_sn: str, kind: int, text: str) -> str:
    """A sealed text: phones between dollars, others between tildes; the same text of the same order seals alike."""
    digest = hashlib.sha256(f"seal:{order_sn}:{kind}:{text}".encode()).digest()
    body = base64.b64encode(digest).decode()
    return f"${body}$0$" if kind == PHONE else f"~AgAAAA{body}~0~"


def mask(kind: int, text: str) -> str:
    """A text with most of it hidden."""
    if kind == NAME:
        return text[:1] + "**"
    if kind == PHONE:
        return text[:3] + "****" + text[7:11]
    return "".join(sign if sign in SHOWN_IN_STREETS else "*" for sign in text)


def open_address_id(receiver: Receiver, mall_id: str, version: str = "") -> str:
    """The same for the same person at the same door in the same shop, and for nobody else."""
    person = "|".join(receiver[name] for name in ("name", "mobile", "division_code", "town", "address"))
    return hashlib.sha256(f"{mall_id}:{version}:{person}".encode()).hexdigest()[:32].upper()


def receiver_fields(doc: Mapping[str, Any], mall_id: str, *, hidden: bool, virtual: bool) -> dict[str, Any]:
    """The receiver as an order shows it; `hidden` leaves the sealed texts empty."""
    receiver: Receiver = doc["receiver"]
    clear = clear_texts(receiver, virtual=virtual)
    sealed = {kind: "" if hidden else seal(doc["number"], kind, text) for kind, text in clear.items()}
    code = receiver["division_code"]
    return {
        "country": "中国", "country_id": 0, "province": receiver["state"], "province_id": int(code[:2]),
        "city": receiver["city"], "city_id": int(code[:4]), "town": receiver["district"], "town_id": int(code),
        "receiver_name": sealed[NAME], "receiver_phone": sealed[PHONE], "receiver_address": sealed[ADDRESS],
        "address": sealed[ADDRESS], "receiver_name_mask": mask(NAME, clear[NAME]),
        "receiver_phone_mask": mask(PHONE, clear[PHONE]), "receiver_address_mask": mask(ADDRESS, clear[ADDRESS]),
        "address_mask": mask(ADDRESS, clear[ADDRESS]), "open_address_id": open_address_id(receiver, mall_id),
        "open_address_id_2": open_address_id(receiver, mall_id, "2"),
    }  # fmt: skip


def _extension(mobile: str) -> str:
    return f"{int(hashlib.sha256(mobile.encode()).hexdigest(), 16) % 10_000:04d}"
