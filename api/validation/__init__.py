"""A sample of what is known, for the business owner to sign off."""
