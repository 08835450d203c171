"""Which Account of the org is a FreshBooks client: looked for, weighed, linked."""
