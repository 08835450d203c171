"""The books per client: facts in, sums out; the order of arrival does not matter."""
