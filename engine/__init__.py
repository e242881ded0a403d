"""The engine: what the rules mean, and nothing that talks to the outside."""
