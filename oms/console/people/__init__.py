"""Who may sign in or call, and each person's own choices; how they sign in is in oms.console.sign_in."""
