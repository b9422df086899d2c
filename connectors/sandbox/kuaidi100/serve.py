"""Runs the kuaidi100 twin as its own process: python -m connectors.sandbox.kuaidi100.serve --port P --dir D."""

import sys

from connectors.sandbox.kit import serve_main
from connectors.sandbox.kuaidi100.twin import Kuaidi100Twin

if __name__ == "__main__":
    sys.exit(serve_main(Kuaidi100Twin))
