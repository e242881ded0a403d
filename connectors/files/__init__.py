"""Files on disk, CSV, XLSX and JSON lines: every row told or reported with its file and line."""

from connectors.files.connector import FilesConnector, open_files
from connectors.files.settings import FilesSource, FileStream

__all__ = ["FileStream", "FilesConnector", "FilesSource", "open_files"]
