"""A clock process whose pokes leave marks in the toy's table."""

from __future__ import annotations

import json
import os
import sys

from oms.jobs.clock import Clock, serve
from tests.jobs.toy import a_hub, connect


def main(url: str, look_every_s: float) -> None:
    """Look so often for the lead and for edits; each poke writes its name and our process id."""
    connection = connect(url)

    def mark(name: str) -> None:
        connection.execute("insert into toy_mark (what, worker) values (%s, %s)", (name, os.getpid()))

    serve(Clock(url, a_hub(url), mark, look_every_s=look_every_s))


if __name__ == "__main__":
    main(sys.argv[1], json.loads(sys.argv[2]).get("look_every_s", 0.1))
