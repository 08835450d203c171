"""The steps: typed message in, typed messages out. No Kafka, no JSON, no clock."""
