"""A caller of the JD twin's gateway with its own signing code, and of its control endpoints."""

from __future__ import annotations

import hashlib
import json
import time
from typing import Any

from werkzeug.test import Client

from connectors.sandbox.jd.twin import JdTwin

Doc = dict[str, Any]
EVERYTHING = (
    "orderId,venderId,storeId,orderType,payType,orderTotalPrice,orderSellerPrice,orderPayment,freightPrice,"
    "sellerDiscount,balanceUsed,actualPay,shouldPay,totalSellerReceivable,orderState,orderStateRemark,modified,"
    "orderStartTime,paymentConfirmTime,orderEndTime,orderRemark,venderRemark,invoiceInfo,invoiceCode,invoiceEasyInfo,"
    "vatInfo,consigneeInfo,itemInfoList,couponDetailList,pin,open_id_buyer,xid_buyer,waybill,logisticsId,"
    "parentOrderId,directParentOrderId,returnOrder,storeOrder,idSopShipmenttype,orderSource,scDT"
)
ROOT = "jingdong.pop.afs.soa.refundapply"


def text_of(seconds: float) -> str:
    """A moment in GMT+8 as JD writes it."""
    return time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(seconds + 8 * 3600))


def signed(values: dict[str, str], secret: str) -> dict[str, str]:
    text = secret + "".join(name + values[name] for name in sorted(values)) + secret
    return {**values, "sign": hashlib.md5(text.encode()).hexdigest().upper()}


class Caller:
    """Calls as a seller's system would; every answer is the whole envelope unless `ok` is asked."""

    def __init__(self, twin: JdTwin) -> None:
        self.twin = twin
        self.client = Client(twin)
        self.access_token = twin.keys["access_token"]
        operator = {"operatePin": "shop_operator", "operateNick": "客服一号"}
        self.operator = {"buId": twin.shop.vender_id, **operator}

    def system(self, method: str, **changed: str) -> dict[str, str]:
        return {"method": method, "app_key": self.twin.keys["app_key"], "access_token": self.access_token,
                "timestamp": text_of(time.time()), "v": "2.0", "format": "json", **changed}  # fmt: skip

    def raw(self, values: dict[str, str]) -> Doc:
        found: Doc = self.client.post("/routerjson", data=values).get_json()
        return found

    def call(self, method: str, **business: Any) -> Doc:
        values = {**self.system(method), "360buy_param_json": json.dumps(business)}
        return self.raw(signed(values, self.twin.keys["app_secret"]))

    def ok(self, method: str, **business: Any) -> Doc:
        """The content of a success envelope."""
        answer = self.call(method, **business)
        (content,) = answer.values()
        assert content.get("code") == "0", answer
        assert isinstance(content, dict)
        return content

    def search(self, method: str = "jingdong.pop.order.enSearch", **business: Any) -> Doc:
        now = time.time()
        window = {"start_date": text_of(now - 3600), "end_date": text_of(now + 60), "page": "1", "page_size": "100"}
        found: Doc = self.ok(method, **{**window, "optional_fields": EVERYTHING, **business})["searchorderinfo_result"]
        return found

    def order(self, number: str, method: str = "jingdong.pop.order.enGet") -> Doc:
        content = self.ok(method, order_id=number, optional_fields=EVERYTHING)
        found: Doc = content["orderDetailInfo"]["orderInfo"]
        return found

    def make(self, kind: str = "plain") -> str:
        """The number of one new order of a kind."""
        made = self.client.post("/_twin/trades", json={"kinds": {kind: 1}}).get_json()["tids"][kind]
        return str(made[0])

    def verb(self, number: str, verb: str, **body: Any) -> Doc:
        answer = self.client.post(f"/_twin/trades/{number}/{verb}", json=body)
        assert answer.status_code == 200, answer.get_json()
        found: Doc = answer.get_json()
        return found

    def ship(self, number: str, carriers: str = "467", waybills: str = "SF1000000001") -> Doc:
        business = {"orderId": number, "logiCoprId": carriers, "logiNo": waybills}
        found: Doc = self.ok("jingdong.pop.order.shipment", **business)["sopjosshipment_result"]
        return found

    def advance(self, seconds: float) -> None:
        self.client.post("/_twin/advance", json={"seconds": seconds})

    def faults(self, *faults: Doc) -> None:
        assert self.client.post("/_twin/faults", json={"faults": list(faults)}).status_code == 200

    def trade(self, number: str) -> Doc:
        trades: list[Doc] = self.client.get("/_twin/ledger").get_json()["trades"]
        return next(trade for trade in trades if trade["tid"] == number)

    def service(self, number: str) -> Doc:
        """The detail of an order's only service order."""
        listed = self.ok("jingdong.asc.query.list", **self.operator, orderId=number)["pageResult"]["data"]
        (row,) = listed
        ids = {"serviceId": row["serviceId"], "orderId": row["orderId"]}
        found: Doc = self.ok("jingdong.asc.query.view", **self.operator, **ids)["result"]["data"]
        return found

    def act(self, action: str, service: Doc, **business: Any) -> Doc:
        """An action on a service order."""
        ids = {"serviceId": service["serviceId"], "orderId": service["orderId"], "approveNotes": "同意"}
        found: Doc = self.ok(f"jingdong.asc.{action}", **self.operator, **ids, **business)["result"]
        return found

    def cancellation(self, number: str) -> Doc:
        """An order's only application to cancel."""
        (row,) = self.ok(f"{ROOT}.queryPageList", orderId=number)["queryResult"]["result"]
        found: Doc = row
        return found

    def reply(self, application: Doc, status: int, **business: Any) -> Doc:
        told = {"id": application["id"], "status": status, "checkUserName": "客服", "remark": "已核实", **business}
        found: Doc = self.ok(f"{ROOT}.replyRefund", **told)["replyResult"]
        return found
