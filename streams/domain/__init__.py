"""Pure values: the words of DESIGN as types. No I/O, no clock, no randomness."""
