"""Any database that SQLAlchemy speaks to, read by cursor and written only as declared."""
