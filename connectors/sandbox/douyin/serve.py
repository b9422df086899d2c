"""Runs the Douyin twin as its own process: `python -m connectors.sandbox.douyin.serve --port … --dir …`."""

import sys

from connectors.sandbox.douyin.twin import DouyinTwin
from connectors.sandbox.kit import serve_main

if __name__ == "__main__":
    sys.exit(serve_main(DouyinTwin))
