"""python -m connectors.sandbox.medusa.serve --port N --dir FOLDER"""

import sys

from connectors.sandbox.kit import serve_main
from connectors.sandbox.medusa.twin import MedusaTwin

if __name__ == "__main__":
    sys.exit(serve_main(MedusaTwin))
