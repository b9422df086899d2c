"""Sales of the market as the objects of Vendure's Admin schema. Nothing here changes anything."""
