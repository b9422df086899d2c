"""Runs the SMS twin as its own process: python -m connectors.sandbox.aliyun_sms.serve --port P --dir D."""

import sys

from connectors.sandbox.aliyun_sms.twin import AliyunSmsTwin
from connectors.sandbox.kit import serve_main

if __name__ == "__main__":
    sys.exit(serve_main(AliyunSmsTwin))
