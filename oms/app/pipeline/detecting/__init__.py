"""Detectors of preprocessing: their list, settings, and what they find in goods, people and outcomes."""
