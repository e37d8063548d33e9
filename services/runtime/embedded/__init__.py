"""Starts real nats-server and Postgres processes for the local stack, the demo and the tests; no deployment uses it."""
