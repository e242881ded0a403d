"""The metrics, for whoever holds a key that may look."""

from typing import Any

from litestar import Request, Response, get

from api.metrics import FORMAT
from api.served import layer_of, served_of


@get("/metrics", role="viewer", summary="Metrics in Prometheus' text format", media_type=FORMAT)
async def metrics(request: Request[Any, Any, Any]) -> Response[bytes]:
    """Return what this process counted and what the layer says of itself now."""
    content = served_of(request).metrics.exposition(await layer_of(request).measures())
    return Response(content, media_type=FORMAT)
