"""Runs the Taobao twin as its own process: `python -m connectors.sandbox.taobao.serve --port … --dir …`."""

import sys

from connectors.sandbox.kit import serve_main
from connectors.sandbox.taobao.twin import TaobaoTwin

if __name__ == "__main__":
    sys.exit(serve_main(TaobaoTwin))
