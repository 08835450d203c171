"""The connect wizard: four steps and a check; what is done so far stands in the connection and its grants."""
