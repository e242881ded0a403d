"""Labelled cases through the code of production, scored, compared and told."""
