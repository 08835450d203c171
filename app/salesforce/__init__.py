"""Salesforce, as we write to it: log-in, collections upserts, and what its refusals mean."""
