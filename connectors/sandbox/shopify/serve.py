"""Runs the Shopify twin as its own process: `python -m connectors.sandbox.shopify.serve --port … --dir …`."""

import sys

from connectors.sandbox.kit import serve_main
from connectors.sandbox.shopify.twin import ShopifyTwin

if __name__ == "__main__":
    sys.exit(serve_main(ShopifyTwin))
