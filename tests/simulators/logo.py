"""A simulator of the Logo Tiger REST service, made from its public description alone: no client library checks it.

What it keeps to: /api/v1, tokens by the password grant with a firm number, limit and offset with 10 rows by default,
PATCH that changes only what it names.
"""

from tests.simulators.server import Simulator


class Logo(Simulator):
    def __init__(self):
        self.rows = {"Arps": {}, "items": {}, "salesInvoices": {}}
        self.token = "logo"

    @property
    def root(self):
        return f"{self.url}/api/v1"

    def put(self, kind, id, **fields):
        self.rows[kind][id] = {"INTERNAL_REFERENCE": id, **self.rows[kind].get(id, {}), **fields}

    def handle(self, asked):
        path = asked.path.removeprefix("/api/v1/").split("/")
        if path == ["token"]:
            if asked.form.get("firmno") != "1" or asked.form.get("password") != "p":
                return 400, {"error": "invalid_grant", "error_description": "firm, user or password"}, {}
            return 200, {"access_token": self.token, "token_type": "bearer", "expires_in": 1199}, {}
        if asked.headers.get("authorization") != f"Bearer {self.token}":
            return 401, {"Message": "Authorization has been denied for this request."}, {}
        rows = self.rows[path[0]]
        if len(path) == 1:
            start, limit = int(asked.query.get("offset", 0)), int(asked.query.get("limit", 10))
            return 200, {"items": list(rows.values())[start : start + limit]}, {}
        row = rows.get(int(path[1]))
        if row is None:
            return 404, {"Message": "Record not found"}, {}
        if asked.method == "PATCH":
            row.update(asked.body)
        return 200, row, {}
