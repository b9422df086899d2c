"""Runs the Vendure twin as its own process: `python -m connectors.sandbox.vendure.serve --port … --dir …`."""

import sys

from connectors.sandbox.kit import serve_main
from connectors.sandbox.vendure.twin import VendureTwin

if __name__ == "__main__":
    sys.exit(serve_main(VendureTwin))
