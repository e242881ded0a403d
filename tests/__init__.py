"""The tests: a package of its own name, whatever else is installed under it."""
