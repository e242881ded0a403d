"""The CRM's HTTP API: bearer token, keyset paging, `modified_since`, ETags with If-Match, tasks with an external id.

A task posted twice is two tasks, as in most CRMs: the Idempotency-Key is stored as `external_id` and can be asked for,
nothing more. With `dedupes` the server does recognise the key and answers with the first task.
"""

import base64
import hmac
import json
from typing import Annotated, Any

from litestar import Controller, Litestar, Request, Response, get, patch, post
from litestar.connection import ASGIConnection
from litestar.datastructures import State
from litestar.exceptions import HTTPException, NotAuthorizedException, NotFoundException
from litestar.handlers import BaseRouteHandler
from litestar.params import Parameter

from api.demo.crm_store import KINDS, CrmStore, Document

Json = dict[str, Any]


class Records(Controller):
    """Reading and changing records of any kind; creating tasks and notes."""

    path = "/"

    @get("/{kind:str}", sync_to_thread=True)
    def list(
        self,
        state: State,
        kind: str,
        after: str = "",
        modified_since: str = "",
        external_id: str = "",
        limit: Annotated[int, Parameter(ge=1, le=500)] = 100,
    ) -> Json:
        """Answer one page, oldest change first, and the cursor of the next one."""
        _check(kind)
        found = _store(state).page(kind, modified_since, _decode(after), limit + 1, external_id)
        page = found[:limit]
        return {"items": [d.shown() for d in page], "next": _encode(page[-1]) if len(found) > limit else None}

    @get("/{kind:str}/{id:str}", sync_to_thread=True)
    def read(self, state: State, kind: str, id: str) -> Response[Json]:
        """Answer one record with its ETag."""
        _check(kind)
        found = _store(state).get(kind, id)
        if found is None:
            raise NotFoundException(f"no {kind} with the id {id}")
        return _tagged(found)

    @post("/{kind:str}", sync_to_thread=True)
    def create(self, state: State, request: Request[Any, Any, State], kind: str, data: Json) -> Response[Json]:
        """Create a task or a note; a key sent along becomes its external id."""
        if kind not in {"tasks", "notes"}:
            raise HTTPException(status_code=405, detail=f"{kind} are not created here")
        if kind == "tasks" and not (data.get("title") and data.get("assignee")):
            raise HTTPException(status_code=422, detail="a task needs a title and an assignee")
        key = str(data.get("external_id") or request.headers.get("Idempotency-Key") or "")
        store = _store(state)
        if key and state.dedupes and (known := store.page(kind, "", ("", ""), 1, key)):
            return _tagged(known[0])
        body = {"status": "open", **data, "external_id": key} if kind == "tasks" else data
        return _tagged(store.add(kind, body, external_id=key), 201)

    @patch("/{kind:str}/{id:str}", sync_to_thread=True)
    def change(self, state: State, request: Request[Any, Any, State], kind: str, id: str, data: Json) -> Response[Json]:
        """Change fields of the record whose ETag is in If-Match."""
        _check(kind)
        expected = request.headers.get("If-Match")
        if expected is None:
            raise HTTPException(status_code=428, detail="say in If-Match which version is changed")
        if _store(state).get(kind, id) is None:
            raise NotFoundException(f"no {kind} with the id {id}")
        version = expected.strip().removeprefix("W/").strip('"')
        changed = _store(state).change(kind, id, int(version) if version.isdecimal() else 0, data)
        if changed is None:
            raise HTTPException(status_code=412, detail="the record has changed since")
        return _tagged(changed)


def application(store: CrmStore, token: str, *, dedupes: bool = False) -> Litestar:
    """Return the CRM as an ASGI application."""

    def authorised(connection: ASGIConnection[Any, Any, Any, Any], _: BaseRouteHandler) -> None:
        given = connection.headers.get("Authorization", "")
        if not hmac.compare_digest(given.encode(), f"Bearer {token}".encode()):
            raise NotAuthorizedException("a bearer token is needed")

    state = State({"store": store, "dedupes": dedupes})
    return Litestar([Records], guards=[authorised], state=state, openapi_config=None, logging_config=None)


def _store(state: State) -> CrmStore:
    store: CrmStore = state.store
    return store


def _check(kind: str) -> None:
    if kind not in KINDS:
        raise NotFoundException(f"no such collection: {kind}")


def _tagged(document: Document, status: int = 200) -> Response[Json]:
    return Response(document.shown(), status_code=status, headers={"ETag": f'"{document.version}"'})


def _encode(document: Document) -> str:
    return base64.urlsafe_b64encode(json.dumps([document.modified_at, document.id]).encode()).decode()


def _decode(cursor: str) -> tuple[str, str]:
    if not cursor:
        return "", ""
    try:
        modified_at, id = json.loads(base64.urlsafe_b64decode(cursor))
    except ValueError as fault:
        raise HTTPException(status_code=400, detail="this cursor was not given by this server") from fault
    return str(modified_at), str(id)
