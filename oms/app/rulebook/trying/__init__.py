"""Trying rules first: dry runs, backtests over past orders, what people made of rules, and which rules never act."""
