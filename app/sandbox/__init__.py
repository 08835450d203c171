"""The sandbox: a FreshBooks and a Salesforce that speak the vendors' real HTTP, for tests and the demo.

It shares no code with our own clients: a simulator built on its client would repeat its misunderstandings.
"""
