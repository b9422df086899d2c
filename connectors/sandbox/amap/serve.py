"""Runs the Amap twin as its own process: python -m connectors.sandbox.amap.serve --port P --dir D."""

import sys

from connectors.sandbox.amap.twin import AmapTwin
from connectors.sandbox.kit import serve_main

if __name__ == "__main__":
    sys.exit(serve_main(AmapTwin))
