"""What shops sell and what is known of it: listings matched to goods, and the rows of master tables."""
