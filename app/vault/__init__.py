"""Credentials at rest: keys, the cipher, what a seal holds, and who may look inside."""
