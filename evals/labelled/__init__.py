"""Labelled cases: facts at a moment, what should and should not be decided, and what the words must hold."""
