"""What an org's objects can hold, and how a row is made to fit."""
