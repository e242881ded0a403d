"""Connectors: how each source system is read and written."""
