"""Receivers as the platform shows them: ciphertext, masks, the id of a buyer's address; and decrypting."""

from __future__ import annotations

import hashlib
import re
from typing import Any

from connectors.sandbox.douyin.errors import business
from connectors.sandbox.douyin.params import Params
from connectors.sandbox.douyin.shop import Method, Shop
from connectors.sandbox.kit.market import Sale

Doc = dict[str, Any]
HIDDEN = re.compile(r"(?<=.)[^号幢室](?=.)")
MOST_CIPHERS = 50
QUOTA = 5000
ADDRESS, NAME, TEL = 1, 2, 3
VIRTUAL_SECONDS = 30 * 86_400


def cipher(shop: Shop, number: str, what: int, clear: str) -> str:
    """The ciphertext of one value in one order: another order, another text."""
    text = hashlib.sha256(f"{shop.secret}|{number}|{what}|{clear}".encode()).hexdigest()
    return f"${text[:16]}${text[16:56]}$1$$" if what == TEL else f"##{text[:56]}=="


def mask(what: int, clear: str) -> str:
    if what == TEL:
        return clear[:1] + "********" + clear[-2:]
    return clear[:1] + "**" if what == NAME else HIDDEN.sub("*", clear)


def address_id(sale: Sale) -> str:
    """The same for all orders of one buyer to one address: what may go into one parcel."""
    receiver, buyer = sale.doc["receiver"], sale.doc["buyer"]["id"]
    parts = (buyer, receiver["name"], receiver["mobile"], receiver["division_code"], receiver["address"])
    return "#" + hashlib.sha256("|".join(parts).encode()).hexdigest()[:44]


def buyer_id(sale: Sale) -> str:
    return "1@#" + hashlib.sha256(str(sale.doc["buyer"]["id"]).encode()).hexdigest()[:40]


def place(receiver: Doc) -> Doc:
    """The part of an address that is shown in clear."""
    code = receiver["division_code"]
    return {
        "province": {"name": receiver["state"], "id": code[:2]},
        "city": {"name": receiver["city"] or receiver["district"], "id": code[:4] + "00"},
        "town": {"name": receiver["district"], "id": code},
        "street": {"name": receiver["town"], "id": code + "001"},
    }


def receiver_fields(shop: Shop, sale: Sale) -> Doc:
    """The receiver's fields of an order document."""
    receiver, number = sale.doc["receiver"], sale.number
    where = place(receiver)
    detail = cipher(shop, number, ADDRESS, receiver["address"])
    return {
        "open_address_id": address_id(sale), "doudian_open_id": buyer_id(sale), "open_id": "",
        "post_receiver": "", "encrypt_post_receiver": cipher(shop, number, NAME, receiver["name"]),
        "post_tel": "", "encrypt_post_tel": cipher(shop, number, TEL, receiver["mobile"]),
        "post_addr": {**where, "detail": "", "encrypt_detail": detail},
        "mask_post_receiver": mask(NAME, receiver["name"]), "mask_post_tel": mask(TEL, receiver["mobile"]),
        "mask_post_addr": {**where, "detail": mask(ADDRESS, receiver["address"])},
    }  # fmt: skip


def batch_decrypt(shop: Shop, params: Params) -> Doc:
    """Clear values of an order's present ciphers; others get an error of their own. A quota holds by the day."""
    asked = params.items("cipher_infos", MOST_CIPHERS)
    _use_quota(shop, len(asked))
    return {"decrypt_infos": [_decrypted(shop, item) for item in asked], "custom_err": {"err_code": 0, "err_msg": ""}}


def batch_sensitive(shop: Shop, params: Params) -> Doc:
    """Masked values of an order's present ciphers."""
    asked = params.items("cipher_infos", MOST_CIPHERS)
    return {"decrypt_infos": [_masked(shop, item) for item in asked], "custom_err": {"err_code": 0, "err_msg": ""}}


def _found(shop: Shop, item: Params) -> tuple[Doc, int, str, Sale | None]:
    item.require("auth_id", "cipher_text")
    number, text = item.text("auth_id"), item.text("cipher_text")
    shown: Doc = {"auth_id": number, "cipher_text": text, "decrypt_text": "", "err_no": 0, "err_msg": ""}
    sale = shop.market.shelves.sale(number)
    if sale is not None:
        asked = sale.doc["address_request"]
        for receiver in (sale.doc["receiver"], *([asked["receiver"]] if asked else [])):
            for what, name in ((ADDRESS, "address"), (NAME, "name"), (TEL, "mobile")):
                if cipher(shop, sale.number, what, receiver[name]) == text:
                    return shown, what, receiver[name], sale
    return {**shown, "err_no": 300008, "err_msg": "密文与订单不匹配"}, 0, "", None


def _masked(shop: Shop, item: Params) -> Doc:
    shown, what, clear, _ = _found(shop, item)
    return {**shown, "decrypt_text": mask(what, clear)} if what else shown


def _decrypted(shop: Shop, item: Params) -> Doc:
    shown, what, clear, sale = _found(shop, item)
    shown |= {"data_type": what, "is_virtual_tel": False, "phone_no_a": "", "phone_no_b": "", "expire_time": 0}
    if what == TEL and sale is not None and int(address_id(sale)[1:3], 16) < 64:
        # A quarter of the buyers hide their number behind one that the platform lends, with an extension.
        main, extension = "18400000000", f"{int(sale.number) // 100 % 10_000:04d}"
        shown |= {"is_virtual_tel": True, "phone_no_a": main, "phone_no_b": extension}
        return shown | {"decrypt_text": f"{main}-{extension}", "expire_time": shop.now() + VIRTUAL_SECONDS}
    return {**shown, "decrypt_text": clear}


def _use_quota(shop: Shop, count: int) -> None:
    storage, day = shop.market.storage, shop.now() // 86_400
    with storage.write():
        used = storage.recall("decrypted", {})
        if used.get("day") != day:
            used = {"day": day, "count": 0}
        if used["count"] + count > int(shop.settings.get("decrypt_quota", QUOTA)):
            raise business(300_009, "店铺当日解密额度已用完")
        storage.remember("decrypted", {"day": day, "count": used["count"] + count})


METHODS = {
    "order/batchDecrypt": Method(batch_decrypt, ("cipher_infos",)),
    "order/batchSensitive": Method(batch_sensitive, ("cipher_infos",)),
}
