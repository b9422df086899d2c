"""The Amap twin: GET /v3/geocode/geo, a ledger of what was asked (never the address itself), its levers."""

import hashlib
from collections.abc import Iterable
from typing import Any

from werkzeug.wrappers import Request, Response

from connectors.sandbox.amap import default_secret
from connectors.sandbox.kit import Call, Route, Twin, TwinOptions, json_answer

SCHEMA = """
create table if not exists place (address text primary key, location text not null, level text not null);
create table if not exists question (id integer primary key, digest text not null, city text not null,
    answered text not null);
"""
#: Cities that it knows by their name in an address: (longitude, latitude).
CITIES = {"北京": (116.41, 39.90), "上海": (121.47, 31.23), "杭州": (120.16, 30.27), "广州": (113.26, 23.13)}


def refusal(infocode: str, info: str) -> dict[str, Any]:
    """What Amap says when it does not answer."""
    return {"status": "0", "info": info, "infocode": infocode}


def signature(params: dict[str, str], private_key: str) -> str:
    """Amap's sig: sorted `name=value` joined by &, then the private key, as MD5."""
    plain = "&".join("=".join(pair) for pair in sorted(params.items()) if pair[0] != "sig")
    return hashlib.md5((plain + private_key).encode(), usedforsecurity=False).hexdigest()


class AmapTwin(Twin):
    """Settings: key, private_key (an empty one switches signatures off)."""

    name = "amap"
    schema = SCHEMA

    def __init__(self, options: TwinOptions) -> None:
        super().__init__(options)
        self.key = options.settings.get("key", default_secret(options.seed, "key"))
        self.private_key = options.settings.get("private_key", default_secret(options.seed, "private"))

    def routes(self) -> Iterable[Route]:
        yield Route("/v3/geocode/geo", self._geo, ("GET",))

    def control_routes(self) -> Iterable[Route]:
        yield Route("/_twin/places", self._put_place)

    def ledger(self) -> dict[str, Any]:
        """Questions by the hash of their address, and how they were answered."""
        return {"questions": [dict(row) for row in self.storage.rows("select * from question order by id")]}

    def rate_limited(self, seconds: int) -> Response:
        return json_answer(refusal("10021", "CUQPS_HAS_EXCEEDED_THE_LIMIT"))

    def session_expired(self) -> Response:
        return json_answer(refusal("10013", "USER_KEY_RECYCLED"))

    def _geo(self, request: Request) -> Response:
        def work() -> Call:
            answer = self._answer(request.args.to_dict())
            return Call(json_answer(answer), "ok" if answer["status"] == "1" else f"refused: {answer['infocode']}")

        return self.call(request, "geocode", work)

    def _answer(self, params: dict[str, str]) -> dict[str, Any]:
        if "key" not in params:
            return refusal("20001", "MISSING_REQUIRED_PARAMS")
        if params["key"] != self.key:
            return refusal("10001", "INVALID_USER_KEY")
        if self.private_key and params.get("sig") != signature(params, self.private_key):
            return refusal("10007", "INVALID_USER_SIGNATURE")
        address = params.get("address", "")
        if not address:
            return refusal("20001", "MISSING_REQUIRED_PARAMS")
        if len(address) > 200:
            return refusal("20000", "INVALID_PARAMS")
        found = self._find(address)
        digest = hashlib.sha256(address.encode()).hexdigest()
        with self.storage.write() as write:
            write.execute(
                "insert into question (digest, city, answered) values (?, ?, ?)",
                (digest, params.get("city", ""), found["location"] if found else ""),
            )
        if found is None:
            return refusal("30001", "ENGINE_RESPONSE_DATA_ERROR")
        place = {"formatted_address": address, "country": "中国", "citycode": "", **found}
        return {"status": "1", "info": "OK", "infocode": "10000", "count": "1", "geocodes": [place]}

    def _find(self, address: str) -> dict[str, str] | None:
        row = self.storage.one("select location, level from place where address = ?", (address,))
        if row is not None:
            return {"location": row["location"], "level": row["level"]}
        for name, (longitude, latitude) in CITIES.items():
            if name in address:
                step = int(hashlib.sha256(address.encode()).hexdigest()[:6], 16) / 0xFFFFFF - 0.5
                is_exact = any(mark in address for mark in "路街号弄")
                shift = 0.1 * step if is_exact else 0.0
                return {
                    "location": f"{longitude + shift:.6f},{latitude + shift:.6f}",
                    "level": "门牌号" if is_exact else "市",
                }
        return None

    def _put_place(self, request: Request) -> Response:
        """{"address": …, "location": "lng,lat", "level": …}: what it answers from now on."""
        wish = request.get_json(silent=True) or {}
        if not {"address", "location"} <= wish.keys():
            return json_answer({"ok": False, "error": "address and location are needed"}, 400)
        with self.storage.write() as write:
            write.execute(
                "insert or replace into place (address, location, level) values (?, ?, ?)",
                (wish["address"], wish["location"], wish.get("level", "门牌号")),
            )
        return json_answer({"ok": True})
