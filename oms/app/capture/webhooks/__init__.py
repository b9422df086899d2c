"""Telling other systems what happened: who wants to know, what there is to tell, and bringing it to them."""
