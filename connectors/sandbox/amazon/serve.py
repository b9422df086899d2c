"""Runs the Amazon twin as its own process: `python -m connectors.sandbox.amazon.serve --port … --dir …`."""

import sys

from connectors.sandbox.amazon.twin import AmazonTwin
from connectors.sandbox.kit import serve_main

if __name__ == "__main__":
    sys.exit(serve_main(AmazonTwin))
