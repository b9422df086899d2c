"""Runs the sf twin as its own process: python -m connectors.sandbox.sf.serve --port P --dir D."""

import sys

from connectors.sandbox.kit import serve_main
from connectors.sandbox.sf.twin import SfTwin

if __name__ == "__main__":
    sys.exit(serve_main(SfTwin))
