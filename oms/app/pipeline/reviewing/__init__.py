"""What people do in review: claim, pass singly and in bulk, take back; who may, and what makes it void."""
