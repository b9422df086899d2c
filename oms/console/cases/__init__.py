"""售后: open cases and the page of one."""
