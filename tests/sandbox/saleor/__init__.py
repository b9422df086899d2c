"""Tests of the Saleor twin, against what the platform documents."""
