"""Runs the Qimen twin as its own process: python -m connectors.sandbox.qimen.serve --port P --dir D."""

import sys

from connectors.sandbox.kit import serve_main
from connectors.sandbox.qimen.twin import QimenTwin

if __name__ == "__main__":
    sys.exit(serve_main(QimenTwin))
