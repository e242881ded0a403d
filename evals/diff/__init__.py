"""What a change of the configuration means: in words, and in the decisions it would have made."""
