"""Looking over everything: one short line for each action, kept up to date, and what follows from all of them."""
