"""A draft from an OpenAPI 3 description: every GET of a list of objects is a stream."""

from collections.abc import Iterator, Mapping
from typing import Any

from connectors.proposing.draft import Draft, StreamDraft, changed_field, stream_name
from connectors.proposing.operations import DOUBT, of_request

SINCE = ("updated_since", "modified_since", "since", "updated_after", "modified_after", "updatedAfter", "updatedSince")
NEXT = ("next", "next_url", "links.next", "paging.next", "meta.next", "pagination.next")
CURSORS = ("after", "cursor", "page_token", "pageToken", "next_token")
SIZES = ("limit", "per_page", "page_size", "pageSize", "size")
KEYS = ("id", "uuid", "key", "code", "number")


class NoDescription(ValueError):
    """The document is no OpenAPI 3 description."""


def from_openapi(document: Any, env: str) -> Draft:  # noqa: ANN401  (JSON)
    """Return the collections as streams; raises NoDescription."""
    if not isinstance(document, Mapping) or not isinstance(document.get("paths"), Mapping):
        raise NoDescription("this is no OpenAPI 3 description: it has no `paths`")
    streams: dict[str, StreamDraft] = {}
    operations: dict[str, Any] = {}
    doubts: list[str] = []
    for path, item in document["paths"].items():
        operations |= dict(_operations(document, path, item))
        operation = item.get("get")
        if operation is None or "{" in path:
            continue
        found = _collection(document, operation)
        if found:
            name = stream_name(path.rstrip("/").rsplit("/", 1)[-1], streams)
            streams[name] = _stream(document, path, operation, *found)
            doubts += _doubts(name, streams[name])
    servers = document.get("servers") or [{}]
    url = str(servers[0].get("url", ""))
    settings = {
        "connector": "http",
        "url": {"env": f"{env}_URL", "default": url} if url.startswith("http") else {"env": f"{env}_URL"},
        "auth": _auth(document, env),
    }
    doubts += [DOUBT.format(name=name) for name in operations]
    return Draft({name: value for name, value in settings.items() if value}, streams, tuple(doubts), operations)


def _operations(document: Any, path: str, item: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:  # noqa: ANN401  (JSON)
    """Yield the writes of a path that take a JSON object; PATCH before PUT, which blanks what is left out."""
    for method in ("post", "patch" if "patch" in item else "put"):
        content = (_resolve(document, (item.get(method) or {}).get("requestBody") or {})).get("content") or {}
        schema = _resolve(document, (content.get("application/json") or {}).get("schema") or {})
        required = schema.get("required") or ()
        fields = {name: name in required for name, each in _properties(document, schema).items()
                  if not _resolve(document, each).get("readOnly")}  # fmt: skip
        found = of_request(method, path, fields)
        if found is not None:
            yield found


def _doubts(name: str, stream: StreamDraft) -> Iterator[str]:
    if stream.settings["page"] == {"kind": "none"}:
        yield f"{name}: how its pages are asked for is not described; `page: {{kind: none}}` reads one"
    if "cursor" not in stream.settings:
        yield f"{name}: nothing asks for changes alone, so every read is whole"


def _collection(document: Any, operation: Any) -> tuple[str, Mapping[str, Any], Any] | None:  # noqa: ANN401  (JSON)
    """Return where the list is, its items' schema, and the whole answer's."""
    answer = _resolve(document, (operation.get("responses") or {}).get("200") or {})
    content = answer.get("content") or {}
    schema = _resolve(document, (content.get("application/json") or {}).get("schema") or {})
    if schema.get("type") == "array":
        item = _properties(document, schema.get("items") or {})
        return ("", item, schema) if item else None
    for name, each in _properties(document, schema).items():
        inner = _resolve(document, each)
        if inner.get("type") == "array" and (item := _properties(document, inner.get("items") or {})):
            return name, item, schema
    return None


def _stream(document: Any, path: str, operation: Any, items: str, item: Mapping[str, Any], answer: Any) -> StreamDraft:  # noqa: ANN401  (JSON)
    fields = {name: _type(document, each) for name, each in item.items()}
    params = [_resolve(document, each) for each in operation.get("parameters") or ()]
    names = [each["name"] for each in params if each.get("in") == "query"]
    settings: dict[str, Any] = {
        "path": path,
        "items": items,
        "key": _key(fields),
        "page": _page(document, names, answer),
    }
    since, changed = next((each for each in SINCE if each in names), ""), changed_field(fields)
    if since and changed:
        settings |= {"cursor": {"param": since, "field": changed}, "scan": "P1D"}
    settings["fields"] = list(fields)
    return StreamDraft({name: value for name, value in settings.items() if value != ""}, fields)


def _key(fields: Mapping[str, str]) -> str:
    low = {name.lower(): name for name in fields}
    return next((low[each] for each in KEYS if each in low), next(iter(fields)))


def _page(document: Any, names: list[str], answer: Any) -> dict[str, Any]:  # noqa: ANN401  (JSON)
    size = next((each for each in SIZES if each in names), "")
    sized = {"size": 100, "size_param": size} if size else {}
    paths = [*_paths(document, answer, 2)]
    token = next((each for each in CURSORS if each in names), "")
    held = next((path for path in paths if token and path.rsplit(".", 1)[-1] in {token, "next", "next_cursor"}), "")
    if token and held:
        return {"kind": "cursor", "param": token, "field": held, **sized}
    if following := next((path for path in NEXT if path in paths), ""):
        return {"kind": "next_url", "field": following, **sized}
    if "offset" in names:
        return {"kind": "offset", **sized}
    return {"kind": "page", **sized} if "page" in names else {"kind": "none"}


def _paths(document: Any, schema: Any, depth: int) -> Iterator[str]:  # noqa: ANN401  (JSON)
    for name, each in _properties(document, schema).items():
        yield name
        if depth:
            yield from (f"{name}.{path}" for path in _paths(document, each, depth - 1))


def _auth(document: Any, env: str) -> dict[str, Any]:  # noqa: ANN401  (JSON)
    for scheme in ((document.get("components") or {}).get("securitySchemes") or {}).values():
        match _resolve(document, scheme):
            case {"type": "http", "scheme": "basic"}:
                return {"basic": {"user": {"env": f"{env}_USER"}, "password": {"env": f"{env}_PASSWORD"}}}
            case {"type": "apiKey", "in": "header", "name": name}:
                return {"key": {"value": {"env": f"{env}_KEY"}, "header": name}}
            case {"type": "apiKey", "in": "query", "name": name}:
                return {"key": {"value": {"env": f"{env}_KEY"}, "param": name}}
            case {"type": "oauth2", "flows": {"clientCredentials": {"tokenUrl": url}}}:
                secrets = {"client_id": {"env": f"{env}_CLIENT_ID"}, "client_secret": {"env": f"{env}_CLIENT_SECRET"}}
                return {"oauth2": {"token_url": {"env": f"{env}_TOKEN_URL", "default": url}, **secrets}}
            case {"type": "http" | "oauth2"}:
                return {"bearer": {"env": f"{env}_TOKEN"}}
    return {}


def _type(document: Any, schema: Any) -> str:  # noqa: ANN401  (JSON)
    found = _resolve(document, schema)
    return str(found.get("format") or found.get("type") or "")


def _properties(document: Any, schema: Any, depth: int = 8) -> Mapping[str, Any]:  # noqa: ANN401  (JSON)
    found = _resolve(document, schema)
    merged: dict[str, Any] = dict(found.get("properties") or {})
    for each in found.get("allOf") or () if depth else ():
        merged |= _properties(document, each, depth - 1)
    return merged


def _resolve(document: Any, value: Any) -> Any:  # noqa: ANN401  (JSON)
    """Return what a value or a local reference stands for; {} for what is not in the document."""
    for _ in range(16):
        if not isinstance(value, Mapping):
            return {}
        if "$ref" not in value:
            return value
        target: Any = document
        for part in str(value["$ref"]).removeprefix("#/").split("/"):
            target = target.get(part.replace("~1", "/").replace("~0", "~"), {}) if isinstance(target, Mapping) else {}
        value = target
    return {}
