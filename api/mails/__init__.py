"""Mails to people: HTML that real clients render (tables, no scripts, light and dark), and the same as text."""
