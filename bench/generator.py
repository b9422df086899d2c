"""The platform's side of a bench, as a process of its own: makes all documents first, then serves them."""

from __future__ import annotations

import argparse
import sys
import threading
from collections.abc import Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs

import orjson

from bench.feed import write_page
from bench.mix import Document, allowed_groups, chunk, sizes_of

EMPTY = write_page((), False)
MERGE = "taobao.top.oaid.merge"


class Store(ThreadingHTTPServer):
    """The pages of all shops in memory; `pages[shop]` is empty until its feed is filled."""

    daemon_threads = True
    pages: dict[int, list[bytes]]


class Gateway(BaseHTTPRequestHandler):
    """`/shops/N/pages/K` gives a page of a shop; a POST is a call of the open platform."""

    protocol_version = "HTTP/1.1"
    # Headers and body are two writes: with Nagle's algorithm the second would wait for an acknowledgement.
    disable_nagle_algorithm = True
    server: Store

    def do_GET(self) -> None:
        """A page, an empty one beyond the last."""
        words = self.path.strip("/").split("/")
        pages = self.server.pages.get(int(words[1]), [])
        number = int(words[3])
        self._answer(pages[number] if number < len(pages) else EMPTY, "application/octet-stream")

    def do_POST(self) -> None:
        """The one call that this platform knows: which trades may be merged."""
        form = parse_qs(self.rfile.read(int(self.headers.get("Content-Length", 0))).decode())
        self._answer(orjson.dumps(answer_of(form)), "application/json")

    def _answer(self, body: bytes, kind: str) -> None:
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """No access log: it would cost more than the answers."""


def answer_of(form: dict[str, list[str]]) -> dict[str, Any]:
    """What the open platform answers to a call's form."""
    method = form.get("method", [""])[0]
    if method != MERGE:
        return {"error_response": {"code": 22, "msg": "Invalid method", "sub_code": "", "sub_msg": method}}
    asked = [item["tid"] for item in orjson.loads(form["merge_list"][0])]
    groups = [",".join(group) for group in allowed_groups(asked)]
    return {"top_oaid_merge_response": {"tid_list": {"string": groups}}}


def fill_pages(seed: int, first: int, orders: int, shops: int) -> dict[int, list[bytes]]:
    """The pages of each shop, numbered from 1, from the chunks `first` and on, dealt out in turn."""
    dealt: dict[int, list[list[Document]]] = {shop: [] for shop in range(1, shops + 1)}
    for offset, size in enumerate(sizes_of(orders)):
        dealt[offset % shops + 1].append(chunk(seed, first + offset, size))
    return {
        shop: [
            write_page(((d.tid, d.changed_at, d.body) for d in documents), number + 1 < len(chunks))
            for number, documents in enumerate(chunks)
        ]
        for shop, chunks in dealt.items()
    }


def serve(argv: Sequence[str] | None = None) -> None:
    """Listen, print the port, fill the feeds, print `ready`; end when standard input ends."""
    parser = argparse.ArgumentParser()
    for name in ("seed", "first", "orders", "shops"):
        parser.add_argument(f"--{name}", type=int, required=True)
    options = parser.parse_args(argv)
    store = Store(("127.0.0.1", 0), Gateway)
    store.pages = {}
    threading.Thread(target=store.serve_forever, daemon=True).start()
    print(store.server_address[1], flush=True)
    store.pages = fill_pages(options.seed, options.first, options.orders, options.shops)
    print("ready", flush=True)
    sys.stdin.read()


if __name__ == "__main__":
    serve()
