"""The statistics that gates and reports rest on: small, exact where it can be, each with its source."""
