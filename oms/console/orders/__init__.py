"""订单: how orders come in by hand, their list, and the page of one with the reasons for its way."""
