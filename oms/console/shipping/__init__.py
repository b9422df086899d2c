"""What leaves: merging and splitting by hand, labels, parcels on their way and back, what buyers see."""
