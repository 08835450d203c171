"""What is read of an org for people, within the budget: a report takes no payment's call."""
