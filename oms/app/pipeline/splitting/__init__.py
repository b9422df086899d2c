"""拆单: orders and fulfilments put into several parcels by rule or by hand, and brought together again."""
