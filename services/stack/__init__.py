"""Runs the whole system on one machine: servers, schema, services, each its own process, restarted when they die."""
