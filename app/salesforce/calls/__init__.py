"""The org's daily calls: our share, what is counted, what goes first when they run low."""
