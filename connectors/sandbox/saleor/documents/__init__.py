"""The platform's documents, rendered from sales and cases. Nothing is changed here."""
