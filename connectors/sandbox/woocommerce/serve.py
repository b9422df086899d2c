"""Runs the WooCommerce twin as its own process: `python -m connectors.sandbox.woocommerce.serve --port … --dir …`."""

import sys

from connectors.sandbox.kit import serve_main
from connectors.sandbox.woocommerce.twin import WooTwin

if __name__ == "__main__":
    sys.exit(serve_main(WooTwin))
