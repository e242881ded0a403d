"""Mail: IMAP or a Maildir read message by message, and SMTP for sending."""
