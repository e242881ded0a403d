"""OData V2 and V4 (OASIS), on the HTTP engine: entity sets as streams, declared creates and updates as operations."""

from connectors.odata.connector import OdataConnector, open_odata
from connectors.odata.settings import OdataOperation, OdataSource, OdataStream

__all__ = ["OdataConnector", "OdataOperation", "OdataSource", "OdataStream", "open_odata"]
