"""重排: what is planned and not sent is looked at again."""
