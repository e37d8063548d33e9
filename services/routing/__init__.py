"""The decision: regulations, incident life cycle, deadlines. The only writer of incident and dispatch facts."""
