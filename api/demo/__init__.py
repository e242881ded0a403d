"""The sample company: its source systems, its payers and its business life, all a function of one seed."""
