"""Autonomy as it is earned: evidence from the journal, gates over it, and the watch that takes it away."""
