"""SOQL: the part of the query language that our client could want, read and run over the sandbox's rows."""
