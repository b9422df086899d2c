"""Runs the JD twin as its own process: `python -m connectors.sandbox.jd.serve --port … --dir …`."""

import sys

from connectors.sandbox.jd.twin import JdTwin
from connectors.sandbox.kit import serve_main

if __name__ == "__main__":
    sys.exit(serve_main(JdTwin))
