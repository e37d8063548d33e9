"""The shared rim of every service: the only place that connects, publishes, acknowledges, parks and reads the clock."""
