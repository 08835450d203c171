"""The audit view: a plain consumer of freshforce.audit into SQL, and the questions asked of it."""
