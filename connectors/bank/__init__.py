"""Bank statements in a folder, CAMT.053 and MT940: one record for each entry."""

from connectors.bank.connector import BankConnector, open_bank
from connectors.bank.settings import BankSource, BankStream

__all__ = ["BankConnector", "BankSource", "BankStream", "open_bank"]
