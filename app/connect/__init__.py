"""Setting up a connection: consent, account, callbacks. The command line and the pages call these."""
