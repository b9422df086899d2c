"""电子面单: waybill numbers and labels we take ourselves: asked for, changed, printed, cancelled, counted."""
