"""The endpoint: an API key opens it, and each call is one request without a session (Streamable HTTP).

https://modelcontextprotocol.io/specification/2025-11-25/basic/transports
"""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any, Final, cast

import msgspec
from litestar import Litestar, asgi
from litestar.connection import ASGIConnection
from litestar.handlers import ASGIRouteHandler
from litestar.types import Receive, Scope, Send

from api.auth import actor_of, allows, api_guard
from api.mcp.tools import ABOUT, TOOLS, Tool
from api.problems import Faulty
from api.render import plain
from api.served import layer_of
from api.views import Actor
from engine.ports import StoreUnavailable
from engine.source.problem import ConfigError, Place, Problem

Lifespan = Callable[[Litestar], AbstractAsyncContextManager[None]]
MISSING: Final = "`mcp: true` opens a door whose protocol is not installed: pip install 'opslayer[mcp]'"
_NAMED: Final[Mapping[str, Tool]] = {tool.name: tool for tool in TOOLS}
_CONNECTION: Final = "opslayer.connection"


def door() -> tuple[ASGIRouteHandler, Lifespan]:
    """Return the route and what has to run around it; raises ConfigError without the extra `mcp`."""
    try:
        from mcp.server.lowlevel import Server
        from mcp.server.streamable_http_manager import StreamableHTTPSessionManager
    except ModuleNotFoundError as error:
        raise ConfigError((Problem("missing-extra", MISSING, Place("config/app.yaml")),)) from error

    server = Server("opslayer", instructions=ABOUT, on_list_tools=_listed, on_call_tool=_called)
    manager = StreamableHTTPSessionManager(server, stateless=True, json_response=True)

    @asgi("/mcp", is_mount=True, guards=[api_guard], opt={"role": "viewer"}, copy_scope=True)
    async def entry(scope: Scope, receive: Receive, send: Send) -> None:
        passed = cast("dict[str, Any]", scope)
        passed[_CONNECTION] = ASGIConnection[Any, Any, Any, Any](scope)
        await manager.handle_request(passed, receive, send)  # type: ignore[arg-type]  # the same ASGI by other names

    @asynccontextmanager
    async def running(_: Litestar) -> AsyncIterator[None]:
        async with manager.run():
            yield

    return entry, running


def _asking(context: Any) -> tuple[ASGIConnection[Any, Any, Any, Any], Actor]:  # noqa: ANN401  (the library's context)
    connection = context.request.scope[_CONNECTION]
    return connection, msgspec.structs.replace(actor_of(connection), channel="mcp")


async def _listed(context: Any, _params: Any) -> Any:  # noqa: ANN401
    """Tell the tools that this key may use."""
    from mcp.types import ListToolsResult, ToolAnnotations
    from mcp.types import Tool as Told

    _, actor = _asking(context)
    told = [
        Told(
            name=tool.name,
            description=tool.about,
            input_schema=_schema(tool),
            annotations=ToolAnnotations(
                read_only_hint=not tool.changes, destructive_hint=tool.changes, open_world_hint=False
            ),
        )
        for tool in TOOLS
        if allows(actor, tool.role)
    ]
    return ListToolsResult(tools=told)


async def _called(context: Any, params: Any) -> Any:  # noqa: ANN401
    """Answer one call; what is wrong with it is told as the tool's own error, so that the assistant can mend it."""
    from mcp.types import CallToolResult, TextContent

    def told(body: object, *, wrong: bool = False) -> CallToolResult:
        text = msgspec.json.encode(plain(body)).decode()
        return CallToolResult(content=[TextContent(type="text", text=text)], is_error=wrong)

    connection, actor = _asking(context)
    try:
        return told(await _answer(connection, actor, params.name, params.arguments or {}))
    except Faulty as fault:
        members = {"type": fault.code, "status": fault.status, "detail": fault.detail, **fault.members}
        return told(members, wrong=True)
    except StoreUnavailable as fault:
        return told({"type": "database-unavailable", "status": 503, "detail": str(fault)}, wrong=True)


async def _answer(
    connection: ASGIConnection[Any, Any, Any, Any], actor: Actor, name: str, arguments: Mapping[str, Any]
) -> object:
    layer, tool = layer_of(connection), _NAMED.get(name)
    if tool is None:
        raise Faulty(404, "unknown-tool", f"There is no tool {name}; there are {', '.join(_NAMED)}.")
    if not allows(actor, tool.role):
        await layer.denied(actor, f"mcp {name}", f"needs {tool.role}")
        raise Faulty(403, "forbidden", f"This needs the role {tool.role}.")
    try:
        ask = msgspec.convert(dict(arguments), tool.ask)
    except msgspec.ValidationError as error:
        raise Faulty(422, "bad-arguments", str(error)) from error
    return await tool.answer(layer, actor, ask)


def _schema(tool: Tool) -> dict[str, Any]:
    """Return the JSON Schema of a tool's arguments, as one object."""
    _, definitions = msgspec.json.schema_components([tool.ask])
    return dict(definitions[tool.ask.__name__])
