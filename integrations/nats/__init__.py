"""NATS as a doorbell between nodes: it says that there is something to read, never what."""
