"""店铺: connecting them, what each uses, who is told of changes, and how well the hub watches."""
