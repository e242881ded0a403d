"""Mail: IMAP or a Maildir read message by message, and SMTP for sending."""

from connectors.mail.connector import MailConnector, open_mail
from connectors.mail.settings import Imap, MailSource, MailStream, Smtp

__all__ = ["Imap", "MailConnector", "MailSource", "MailStream", "Smtp", "open_mail"]
