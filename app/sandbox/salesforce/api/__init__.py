"""The REST API of an org, as functions from a question to an answer; HTTP is in `door`."""
