"""A real Apache Kafka for one machine, without containers: Java from a wheel, jars checked and cached."""
