"""Amap (高德地图): addresses to coordinates by its geocoding service. Coordinates are GCJ-02, as everywhere in China."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from connectors.contract.errors import AuthFailed, BadRecord, ConnectorError, RateLimited, Refused, Retryable
from connectors.contract.geocoding import GeoPoint
from connectors.contract.http import Answer
from connectors.contract.manifest import CheckReport, Field, Manifest
from connectors.contract.telling import Geocoder
from connectors.geocoders.amap import codes
from connectors.geocoders.amap.signing import sign

#: An address that there is, for trying the key.
_CHECK = "北京市朝阳区阜通东大街6号"


class Amap(Geocoder):
    """One web service key of Amap."""

    manifest = Manifest(
        vendor="amap",
        family="geocoder",
        label_zh="高德地图",
        label_en="Amap",
        mark="高",
        gateway="https://restapi.amap.com",
        fields=(
            Field("key", "Web 服务 Key", "Web service key", secret=True),
            Field(
                "private_key", "数字签名私钥", "Private key of the signature", secret=True, required=False,
                hint_zh="控制台里开了数字签名才填", hint_en="only where signatures are switched on in its console",
            ),
            Field(
                "path", "接口路径", "Path", required=False, default="/v3/geocode/geo",
                hint_zh="一般不用改", hint_en="usually left as it is",
            ),
        ),
        calls_per_second=3.0,
    )  # fmt: skip

    def check(self) -> CheckReport:
        """Ask for a well-known address."""
        try:
            self.geocode(_CHECK)
        except AuthFailed as error:
            return CheckReport(False, error.words)
        except ConnectorError as error:
            return CheckReport(False, f"{error.words}: check the gateway address")
        return CheckReport(True, "connected")

    def geocode(self, address: str, city: str = "") -> GeoPoint | None:
        """GET /v3/geocode/geo; the first place found, which Amap holds for the likeliest."""
        answer = self._ask({"address": address, **({"city": city} if city else {}), "output": "JSON"})
        code = str(answer.get("infocode", ""))
        if str(answer.get("status")) != "1":
            if code in codes.NO_SUCH_PLACE:
                return None
            raise self._refusal(code)
        places = answer.get("geocodes") or []
        return _point(places[0]) if places else None

    def _ask(self, params: Mapping[str, str]) -> dict[str, Any]:
        secrets = self.account.secrets
        asked = {**params, "key": secrets.get("key", "")}
        if secrets.get("private_key"):
            asked["sig"] = sign(asked, secrets["private_key"])
        path = self.account.settings.get("path") or "/v3/geocode/geo"
        answer = self.http.get(self.gateway.rstrip("/") + path, params=asked, reading=_refused)
        try:
            tree = orjson.loads(answer.body)
        except orjson.JSONDecodeError:
            raise Retryable("the answer is not readable", code="json") from None
        if not isinstance(tree, dict) or "status" not in tree:
            raise Retryable("the answer is not readable", code="json")
        return tree

    def _refusal(self, code: str) -> ConnectorError:
        if code in codes.KEY_REFUSED:
            return AuthFailed("the key or its signature is refused: look at them in Amap's console", code=code)
        if code in codes.LIMITED:
            wait = codes.LIMITED[code]
            self.http.rest(wait)
            return RateLimited("the key has had its calls for now", code=code, retry_after=wait)
        if code in codes.LATER or not code:
            return Retryable("Amap cannot answer now", code=code)
        return Refused("Amap refused the question", code=code)


def _refused(answer: Answer) -> ConnectorError | None:
    """Amap refuses in bodies with status 200; other refusals are of something between, whose words are not told."""
    if 400 <= answer.status < 500 and answer.status not in (401, 403, 429):
        return Refused("the other side refused the call", code=f"http-{answer.status}")
    return None


def _point(place: Mapping[str, Any]) -> GeoPoint:
    """`location` is "longitude,latitude"."""
    try:
        longitude, latitude = (float(part) for part in str(place["location"]).split(","))
    except (KeyError, ValueError):
        raise BadRecord("this is no pair of coordinates", field="location") from None
    level = str(place.get("level") or "")
    return GeoPoint(latitude, longitude, level, level in codes.ROUGH)


CONNECTOR = Amap
