"""REST over JSON, declared in YAML: how to sign in, page, tell changes from the rest, and write."""
