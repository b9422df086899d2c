"""Sales and cases of the market as the objects of Shopify's Admin schema. Nothing here changes anything."""
