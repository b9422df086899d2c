"""What the site tells of itself: the index of its API and the system status."""

from __future__ import annotations

from werkzeug.wrappers import Response

from connectors.sandbox.woocommerce.gateway import V3, Ask, Endpoint
from connectors.sandbox.woocommerce.refusal import answer
from connectors.sandbox.woocommerce.shop import SYMBOLS, VERSION


def index(ask: Ask) -> Response:
    setup = ask.shop.setup
    extension = ["wc-shipment-tracking/v3"] if setup.shipment_tracking else []
    return answer({
        "name": "示例独立站", "description": "", "url": setup.url, "home": setup.url,
        "gmt_offset": setup.utc_offset_hours,
        "timezone_string": "Asia/Shanghai" if setup.utc_offset_hours == 8 else "",
        "namespaces": ["oembed/1.0", "wc/v1", "wc/v2", "wc/v3", *extension, "wp/v2"], "authentication": [],
    })  # fmt: skip


def system_status(ask: Ask) -> Response:
    setup = ask.shop.setup
    tracking = {"plugin": "woocommerce-shipment-tracking/woocommerce-shipment-tracking.php",
                "name": "WooCommerce Shipment Tracking", "version": "2.9.0", "network_activated": False}  # fmt: skip
    core = {
        "plugin": "woocommerce/woocommerce.php",
        "name": "WooCommerce",
        "version": VERSION,
        "network_activated": False,
    }
    return answer({
        "environment": {
            "home_url": setup.url, "site_url": setup.url, "version": VERSION, "wp_version": "6.9",
            "wp_multisite": False, "wp_cron": True, "language": "zh_CN", "php_version": "8.3.6",
            "default_timezone": "UTC", "log_directory_writable": True,
        },
        "database": {"wc_database_version": VERSION},
        "active_plugins": [core, *([tracking] if setup.shipment_tracking else [])],
        "settings": {
            "api_enabled": True, "force_ssl": False, "currency": setup.currency,
            "currency_symbol": SYMBOLS.get(setup.currency, setup.currency), "currency_position": "left",
            "thousand_separator": ",", "decimal_separator": ".", "number_of_decimals": 2,
            "HPOS_enabled": True, "order_datastore": "OrdersTableDataStore", "HPOS_sync_enabled": False,
            "enabled_features": ["custom_order_tables", *(["fulfillments"] if setup.fulfillments else [])],
        },
        "security": {"secure_connection": False, "hide_errors": True}, "pages": [],
    })  # fmt: skip


ENDPOINTS = (
    Endpoint("site.index", ("GET",), "/wp-json", index, public=True),
    Endpoint("site.status", ("GET",), f"{V3}/system_status", system_status),
)
