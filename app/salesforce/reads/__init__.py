"""What is read of an org: rows about to be written, and what people ask, which takes no payment's call."""
