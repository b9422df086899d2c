"""审核: the queue, passing in bulk and by force, and who may pass what."""
