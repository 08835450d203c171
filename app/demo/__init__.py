"""The demo: everything together, as a user would run it, with a verdict at the end."""
