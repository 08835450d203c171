"""Make an org ready for us: our fields, and the run-as user's access to all that we write."""
