"""The door for assistants: the Model Context Protocol at /mcp, with an API key and what the API would give it."""
