"""Documents behind presigned addresses: results to download, feeds to upload. Addresses end after five minutes."""

from __future__ import annotations

import gzip
import hashlib
import hmac
import uuid
from dataclasses import dataclass

from werkzeug.wrappers import Request, Response

from connectors.sandbox.amazon.shop import Doc, Shop

VAULT_SCHEMA = """
create table if not exists document (
    id text primary key, content_type text not null, body blob, packed integer not null, made_ms integer not null);
"""
LIFE_MS = 300_000
#: From this size on a result is compressed; the setting `gzip` compresses all.
PACKED_FROM = 4_096
PATH = "/presigned-documents"


@dataclass(frozen=True, slots=True)
class Vault:
    """The documents of one seller."""

    shop: Shop

    def keep(self, content: bytes, content_type: str) -> str:
        """Keep a result; answers its document's id."""
        packed = bool(self.shop.settings.get("gzip")) or len(content) >= PACKED_FROM
        return self._insert(content_type, gzip.compress(content) if packed else content, packed)

    def room(self, content_type: str) -> str:
        """Make room for an upload; answers its document's id."""
        return self._insert(content_type, None, False)

    def told(self, id_: str, root: str) -> Doc | None:
        """{url, compressionAlgorithm?} of a document as it can be fetched now; None when there is none."""
        row = self.shop.market.storage.one("select packed from document where id = ?", (id_,))
        if row is None:
            return None
        return {"url": self.address(id_, root), **({"compressionAlgorithm": "GZIP"} if row["packed"] else {})}

    def address(self, id_: str, root: str) -> str:
        until = self.shop.market.now_ms() + LIFE_MS
        return f"{root.rstrip('/')}{PATH}/{id_}?X-Amz-Until={until}&X-Amz-Signature={self._mark(id_, until)}"

    def uploaded(self, id_: str) -> bytes | None:
        """What was put at a document's address; None when nothing was."""
        body = self.shop.market.storage.scalar("select body from document where id = ?", (id_,))
        return None if body is None else bytes(body)

    def known(self, id_: str) -> bool:
        return bool(self.shop.market.storage.one("select 1 from document where id = ?", (id_,)))

    def serve(self, request: Request, id_: str) -> Response:
        """GET and PUT at a presigned address; refusals are those of the store behind it."""
        row = self.shop.market.storage.one("select * from document where id = ?", (id_,))
        until = request.args.get("X-Amz-Until", "")
        if row is None or not until.isdigit() or not self._is_marked(id_, int(until), request):
            return _refused("SignatureDoesNotMatch", "The request signature does not match the signature you provided.")
        if self.shop.market.now_ms() > int(until):
            return _refused("AccessDenied", "Request has expired")
        if request.method == "PUT":
            return self._take(request, row["content_type"], id_)
        return Response(bytes(row["body"] or b""), content_type=row["content_type"])

    def _take(self, request: Request, content_type: str, id_: str) -> Response:
        if request.headers.get("Content-Type", "") != content_type:
            return _refused("SignatureDoesNotMatch", "The content type is not the one that was signed.")
        self.shop.market.storage.execute("update document set body = ? where id = ?", (request.get_data(), id_))
        return Response(status=200)

    def _insert(self, content_type: str, body: bytes | None, packed: bool) -> str:
        id_ = f"amzn1.tortuga.4.na.{uuid.uuid4()}"
        self.shop.market.storage.execute(
            "insert into document values (?, ?, ?, ?, ?)", (id_, content_type, body, packed, self.shop.market.now_ms())
        )
        return id_

    def _mark(self, id_: str, until: int) -> str:
        key = self.shop.keys["client_secret"].encode()
        return hmac.new(key, f"{id_}\n{until}".encode(), hashlib.sha256).hexdigest()

    def _is_marked(self, id_: str, until: int, request: Request) -> bool:
        given = request.args.get("X-Amz-Signature", "")
        return hmac.compare_digest(self._mark(id_, until).encode(), given.encode())


def _refused(code: str, words: str) -> Response:
    body = f'<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>{code}</Code><Message>{words}</Message></Error>'
    return Response(body, status=403, content_type="application/xml")
