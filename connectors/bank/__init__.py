"""Bank statements in a folder, CAMT.053 and MT940: one record for each entry."""
