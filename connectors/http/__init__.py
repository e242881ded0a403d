"""REST over JSON, declared in YAML: how to sign in, page, tell changes from the rest, and write."""

from connectors.http.connector import HttpConnector, open_http
from connectors.http.settings import HttpOperation, HttpSource, HttpStream

__all__ = ["HttpConnector", "HttpOperation", "HttpSource", "HttpStream", "open_http"]
