"""What the product says to people, in their language."""
