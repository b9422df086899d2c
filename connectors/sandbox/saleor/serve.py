"""Runs the Saleor twin as its own process: `python -m connectors.sandbox.saleor.serve --port … --dir …`."""

import sys

from connectors.sandbox.kit import serve_main
from connectors.sandbox.saleor.twin import SaleorTwin

if __name__ == "__main__":
    sys.exit(serve_main(SaleorTwin))
