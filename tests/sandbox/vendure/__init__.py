"""The Vendure twin alone, against what the platform's documents say."""
