"""What an order hub knows, without any machinery: standard library only."""
