"""Runs the easypost twin as its own process: python -m connectors.sandbox.easypost.serve --port P --dir D."""

import sys

from connectors.sandbox.easypost.twin import EasyPostTwin
from connectors.sandbox.kit import serve_main

if __name__ == "__main__":
    sys.exit(serve_main(EasyPostTwin))
