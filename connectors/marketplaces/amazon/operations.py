"""The operations of the Selling Partner API that are called here, with the rates and bursts Amazon documents for them.

Amazon counts each operation of a seller by itself and gives large sellers more; its answers tell the rate that holds.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from connectors.contract.manifest import OperationRate

OPERATIONS: Final[Mapping[str, OperationRate]] = {
    # One search comes back in 179 seconds.
    "searchOrders": OperationRate(0.0056, 20),
    "getOrder": OperationRate(0.5, 30),
    "getOrderAddress": OperationRate(0.5, 30),
    "confirmShipment": OperationRate(2.0, 10),
    "createRestrictedDataToken": OperationRate(1.0, 10),
    "createReport": OperationRate(0.0167, 15),
    "getReport": OperationRate(2.0, 15),
    "getReportDocument": OperationRate(0.0167, 15),
    "createFeedDocument": OperationRate(0.5, 15),
    "createFeed": OperationRate(0.0083, 15),
    "getFeed": OperationRate(2.0, 15),
    "getFeeds": OperationRate(0.0222, 10),
    "getFeedDocument": OperationRate(0.0222, 10),
    "searchListingsItems": OperationRate(5.0, 5),
    "patchListingsItem": OperationRate(5.0, 5),
    "listTransactions": OperationRate(0.5, 10),
    "getDestinations": OperationRate(1.0, 5),
    "createDestination": OperationRate(1.0, 5),
    "getSubscription": OperationRate(1.0, 5),
    "createSubscription": OperationRate(1.0, 5),
}
