"""Files on disk, CSV, XLSX and JSON lines: every row told or reported with its file and line."""
