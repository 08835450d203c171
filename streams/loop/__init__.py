"""The one loop that every step runs in: a source and a sink as ports, no Kafka, no Faust."""
