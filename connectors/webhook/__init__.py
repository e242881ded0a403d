"""A system that sends its records by itself, and is told of ours as signed events."""
