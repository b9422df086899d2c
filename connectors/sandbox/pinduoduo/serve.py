"""Runs the Pinduoduo twin as its own process: `python -m connectors.sandbox.pinduoduo.serve --port … --dir …`."""

import sys

from connectors.sandbox.kit import serve_main
from connectors.sandbox.pinduoduo.twin import PinduoduoTwin

if __name__ == "__main__":
    sys.exit(serve_main(PinduoduoTwin))
