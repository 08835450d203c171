"""How we touch the world: Kafka, the vendors, pages, commands."""
