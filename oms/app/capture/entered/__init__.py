"""Orders that people bring: typed in one by one, or many in a file; both end in documents of the standard interface."""
