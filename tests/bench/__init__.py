"""Tests of the benches: the mix, the feed, the floor, the checks, and one tiny run of the whole."""
