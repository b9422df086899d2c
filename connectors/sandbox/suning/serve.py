"""Runs the Suning twin as its own process: `python -m connectors.sandbox.suning.serve --port … --dir …`."""

import sys

from connectors.sandbox.kit import serve_main
from connectors.sandbox.suning.twin import SuningTwin

if __name__ == "__main__":
    sys.exit(serve_main(SuningTwin))
