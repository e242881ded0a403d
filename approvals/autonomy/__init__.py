"""The stage that an action has reached: what it lets go by itself, and how it is kept."""
