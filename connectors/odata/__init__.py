"""OData V2 and V4 (OASIS), on the HTTP engine: entity sets as streams, declared creates and updates as operations."""
