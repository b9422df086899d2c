"""Returns taken at stores 门店退货: finding the order, what may come back, taking it, money over the counter."""
