"""A simulator of Salesforce's REST API: queries, single records, upserts by external id. simple-salesforce accepts it.

After the REST API Developer Guide: Query, QueryAll, SObject Rows, SObject Rows by External ID, Status Codes and Error
Responses (an array of errors).
"""

import re
from datetime import UTC, datetime

from tests.simulators.server import Simulator

QUERY = re.compile(
    r"SELECT (?P<fields>.+?) FROM (?P<object>\w+)(?: WHERE SystemModstamp >= (?P<since>\S+))?(?: ORDER BY .+)?",
    re.IGNORECASE,
)
VERSION = "/services/data/v62.0"


class Salesforce(Simulator):
    def __init__(self, *, batch=4, tokens=("session",)):
        self.batch = batch
        self.tokens = set(tokens)
        self.objects = {}
        self.cursors = {}
        self.count = 0

    @property
    def root(self):
        return f"{self.url}{VERSION}"

    def put(self, object, id, *, at=None, **fields):
        row = self.objects.setdefault(object, {}).setdefault(id, {"Id": id, "IsDeleted": False})
        row |= {**fields, "SystemModstamp": stamp(at or datetime.now(UTC))}
        return row

    def handle(self, asked):
        if asked.path == "/services/oauth2/token":
            return self.token(asked)
        if asked.headers.get("authorization", "").removeprefix("Bearer ") not in self.tokens:
            return error(401, "INVALID_SESSION_ID", "Session expired or invalid")
        path = asked.path.removeprefix(VERSION)
        if path in {"/query", "/query/", "/queryAll", "/queryAll/"}:
            return self.query(asked.query.get("q", ""), everything="All" in path)
        if path.startswith(("/query/", "/queryAll/")):
            return self.more(path.rpartition("/")[2], path)
        return self.record(asked, path.strip("/").split("/")[1:])

    def token(self, asked):
        if asked.form.get("client_secret") != "secret":
            return 400, {"error": "invalid_client", "error_description": "invalid client credentials"}, {}
        token = f"session{len(self.tokens)}"
        self.tokens.add(token)
        return 200, {"access_token": token, "token_type": "Bearer", "instance_url": self.url}, {}

    def query(self, text, *, everything):
        found = QUERY.fullmatch(" ".join(text.split()))
        if found is None:
            return error(400, "MALFORMED_QUERY", f"unexpected token in {text}")
        since = datetime.fromisoformat(found["since"]) if found["since"] else datetime.min.replace(tzinfo=UTC)
        names = [name.strip() for name in found["fields"].split(",")]
        rows = [
            {"attributes": {"type": found["object"], "url": f"{VERSION}/sobjects/{found['object']}/{row['Id']}"}}
            | {name: row.get(name) for name in names}
            for row in sorted(
                self.objects.get(found["object"], {}).values(), key=lambda each: (each["SystemModstamp"], each["Id"])
            )
            if datetime.fromisoformat(row["SystemModstamp"]) >= since and (everything or not row["IsDeleted"])
        ]
        self.count += 1
        self.cursors[f"01g{self.count:05}"] = rows
        return self.page(f"01g{self.count:05}", 0, "queryAll" if everything else "query")

    def more(self, locator, path):
        cursor, _, start = locator.partition("-")
        if cursor not in self.cursors:
            return error(400, "INVALID_QUERY_LOCATOR", "invalid query locator")
        return self.page(cursor, int(start), path.strip("/").split("/")[0])

    def page(self, cursor, start, verb):
        rows = self.cursors[cursor]
        end = start + self.batch
        body = {"totalSize": len(rows), "done": end >= len(rows), "records": rows[start:end]}
        if end < len(rows):
            body["nextRecordsUrl"] = f"{VERSION}/{verb}/{cursor}-{end}"
        return 200, body, {}

    def record(self, asked, parts):
        rows = self.objects.setdefault(parts[0], {})
        if len(parts) == 1 and asked.method == "POST":
            return self.created(parts[0], asked.body)
        field, value = (parts[1], parts[2]) if len(parts) == 3 else ("Id", parts[1])
        row = next((each for each in rows.values() if each.get(field) == value and not each["IsDeleted"]), None)
        if asked.method == "PATCH" and row is None and field != "Id":
            return self.created(parts[0], {**asked.body, field: value})
        if row is None:
            return error(404, "NOT_FOUND", "The requested resource does not exist")
        if asked.method == "PATCH":
            self.put(parts[0], row["Id"], **asked.body)
            return (
                (200, {"id": row["Id"], "success": True, "errors": [], "created": False}, {})
                if field != "Id"
                else (204, None, {})
            )
        if asked.method == "DELETE":
            self.put(parts[0], row["Id"], IsDeleted=True)
            return 204, None, {}
        return 200, {"attributes": {"type": parts[0]}, "id": row["Id"], **row}, {}

    def created(self, object, body):
        self.count += 1
        id = f"00T{self.count:012}"
        self.put(object, id, **body)
        return 201, {"id": id, "success": True, "errors": [], "created": True}, {}


def stamp(at):
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000+0000")


def error(status, code, message):
    return status, [{"message": message, "errorCode": code}], {}
