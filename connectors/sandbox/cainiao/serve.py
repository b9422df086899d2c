"""Runs the cainiao twin as its own process: python -m connectors.sandbox.cainiao.serve --port P --dir D."""

import sys

from connectors.sandbox.cainiao.twin import CainiaoTwin
from connectors.sandbox.kit import serve_main

if __name__ == "__main__":
    sys.exit(serve_main(CainiaoTwin))
