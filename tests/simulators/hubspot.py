"""A simulator of HubSpot's CRM v3 objects: lists, search, single records, archiving. hubspot-api-client accepts it.

After developers.hubspot.com, CRM API: Objects, Search (10,000 results of one question at most, at most 200 a page, the
index behind the records), Properties with unique values, Error handling.
"""

import json
from datetime import UTC, datetime

from tests.simulators.server import Simulator

NAMES = {"0-1": "contacts", "0-2": "companies", "0-3": "deals"}
MOST_FOUND = 10_000


class HubSpot(Simulator):
    """`lagging`: what is written is found by search only after `index()`. `cap`: results that one question may have."""

    def __init__(self, *, token="hs", page=4, cap=MOST_FOUND):
        self.token = token
        self.page = page
        self.cap = cap
        self.lagging = False
        self.objects = {}
        self.searched = {}
        self.count = 0

    def put(self, kind, id, at=None, **properties):
        at = at or datetime.now(UTC)
        known = self.objects.setdefault(kind, {}).get(id) or {"id": id, "properties": {}, "createdAt": stamp(at)}
        changed = "lastmodifieddate" if kind == "contacts" else "hs_lastmodifieddate"
        properties = {**known["properties"], **properties, changed: stamp(at), "hs_object_id": id}
        self.objects[kind][id] = {**known, "properties": properties, "updatedAt": stamp(at), "archived": False}
        if not self.lagging:
            self.index()
        return self.objects[kind][id]

    def archive(self, kind, id, at=None):
        self.objects[kind][id] |= {"archived": True, "archivedAt": stamp(at or datetime.now(UTC))}
        if not self.lagging:
            self.index()

    def index(self):
        """Let search see everything."""
        self.searched = {kind: json.loads(json.dumps(rows)) for kind, rows in self.objects.items()}

    def handle(self, asked):
        if asked.headers.get("authorization") != f"Bearer {self.token}":
            return error(401, "INVALID_AUTHENTICATION", "Authentication credentials not found.")
        if asked.path.rstrip("/") == "/crm/v3/owners":
            return self.listed(asked, list(self.objects.get("owners", {}).values()))
        kind, _, id = asked.path.partition("/crm/v3/objects/")[2].strip("/").partition("/")
        kind = NAMES.get(kind, kind)
        if id == "search":
            return self.search(kind, asked.body)
        if not id and asked.method == "POST":
            return self.created(kind, asked.body)
        if not id:
            gone = asked.query.get("archived", "").lower() == "true"
            return self.listed(
                asked, [each for each in self.objects.get(kind, {}).values() if each["archived"] is gone]
            )
        return self.record(kind, id, asked)

    def search(self, kind, body):
        limit, after = int(body.get("limit", 10)), int(body.get("after") or 0)
        if limit > 200 or after + min(limit, self.page) > self.cap:
            return error(400, "VALIDATION_ERROR", f"paging beyond {self.cap} results is not supported")
        filters = [each for group in body.get("filterGroups") or [] for each in group["filters"]]
        rows = [
            each
            for each in self.searched.get(kind, {}).values()
            if not each["archived"] and all(holds(each, one) for one in filters)
        ]
        for name in body.get("sorts") or []:
            rows.sort(key=lambda each: (each["properties"].get(name) or "", int(each["id"], 36)))
        end = after + min(limit, self.page)
        answer = {"total": len(rows), "results": [shown(each, body.get("properties")) for each in rows[after:end]]}
        return 200, {**answer, **onward(end, rows)}, {}

    def listed(self, asked, rows):
        start = int(asked.query.get("after") or 0)
        end = start + min(self.page, int(asked.query.get("limit", 10)))
        names = asked.query.get("properties", "").split(",")
        shapes = [shown(each, names) if "properties" in each else each for each in rows[start:end]]
        if asked.query.get("associations"):
            shapes = [
                {**shape, **linked(each, asked.query["associations"])}
                for shape, each in zip(shapes, rows[start:end], strict=True)
            ]
        return 200, {"results": shapes, **onward(end, rows)}, {}

    def record(self, kind, id, asked):
        by = asked.query.get("idProperty", "hs_object_id")
        row = next(
            (
                each
                for each in self.objects.get(kind, {}).values()
                if each["properties"].get(by) == id and not each["archived"]
            ),
            None,
        )
        if row is None:
            return error(404, "OBJECT_NOT_FOUND", "Object not found.")
        if asked.method == "DELETE":
            self.archive(kind, row["id"])
            return 204, None, {}
        if asked.method == "PATCH":
            row = self.put(kind, row["id"], **asked.body["properties"])
        return 200, shown(row, asked.query.get("properties", "").split(",")), {}

    def created(self, kind, body):
        key = body["properties"].get("opslayer_key")
        if key and any(each["properties"].get("opslayer_key") == key for each in self.objects.get(kind, {}).values()):
            return error(400, "VALIDATION_ERROR", f"Property values were not valid: {key} already has that value.")
        self.count += 1
        row = self.put(kind, str(9000 + self.count), **body["properties"])
        row["to"] = [each["to"]["id"] for each in body.get("associations") or []]
        return 201, shown(row, list(row["properties"])), {}


def holds(row, condition):
    value = row["properties"].get(condition["propertyName"]) or ""
    if condition["propertyName"].endswith("modifieddate"):
        value = datetime.fromisoformat(value).timestamp() * 1000
        return condition["operator"] == "GTE" and value >= int(condition["value"])
    return condition["operator"] == "EQ" and value == condition["value"]


def shown(row, names):
    named = {name: row["properties"].get(name) for name in names or () if name}
    always = {name: row["properties"][name] for name in ("hs_object_id",) if name in row["properties"]}
    return {**{name: value for name, value in row.items() if name != "to"}, "properties": {**named, **always}}


def linked(row, kind):
    found = [{"id": each, "type": f"to_{kind}"} for each in row.get("to", ())]
    return {"associations": {kind: {"results": found}}} if found else {}


def onward(end, rows):
    return {"paging": {"next": {"after": str(end)}}} if end < len(rows) else {}


def stamp(at):
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def error(status, category, message):
    return status, {"status": "error", "message": message, "correlationId": "0", "category": category}, {}
