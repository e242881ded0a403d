"""A simulator of one mailbox in Microsoft Graph v1.0: delta links, sendMail, events. msgraph-sdk accepts it.

After learn.microsoft.com/graph: message: delta, user: sendMail, Create event (transactionId), extended properties.
"""

import re
from datetime import UTC, datetime

from tests.simulators.server import Simulator

KEY = re.compile(r"ep/value eq '([^']*)'")


class Outlook(Simulator):
    def __init__(self, *, page=4, token="graph"):
        self.page = page
        self.token = token
        self.log = []
        self.items = {"messages": {}, "events": {}}
        self.sent = []
        self.expired = False

    @property
    def root(self):
        return f"{self.url}/v1.0/users/sales@acme.example"

    def put(self, kind, id, **fields):
        self.items[kind][id] = {**self.items[kind].get(id, {}), "id": id, **fields}
        self.log.append((kind, id))

    def remove(self, kind, id):
        del self.items[kind][id]
        self.log.append((kind, id))

    def handle(self, asked):
        if asked.path.endswith("/oauth2/v2.0/token"):
            return 200, {"access_token": self.token, "token_type": "Bearer", "expires_in": 3599}, {}
        if asked.headers.get("authorization") != f"Bearer {self.token}":
            return error(401, "InvalidAuthenticationToken", "Access token has expired or is not yet valid.")
        path = asked.path.partition("/users/")[2].partition("/")[2]
        if path.endswith(("/delta", "/delta()")):
            return self.delta("messages" if "messages" in path else "events", asked)
        if path == "sendMail":
            return self.send(asked.body)
        if path == "events" and asked.method == "POST":
            return self.create_event(asked.body)
        if path.startswith("mailFolders/sentitems/messages"):
            return self.find_sent(asked.query.get("$filter", ""))
        kind, _, id = path.partition("/")
        if kind in self.items and id in self.items[kind]:
            return 200, {"@odata.type": f"#microsoft.graph.{kind[:-1]}", **self.items[kind][id]}, {}
        return error(404, "ErrorItemNotFound", "The specified object was not found in the store.")

    def delta(self, kind, asked):
        if "$deltatoken" in asked.query:
            if self.expired:
                return error(410, "syncStateNotFound", "The sync state is not found.")
            changed = dict.fromkeys(id for each, id in self.log[int(asked.query["$deltatoken"]) :] if each == kind)
            return self.told(asked, kind, [self.now(kind, id) for id in changed], 0)
        return self.told(asked, kind, list(self.items[kind].values()), int(asked.query.get("$skiptoken", 0)))

    def now(self, kind, id):
        return self.items[kind].get(id) or {"id": id, "@removed": {"reason": "deleted"}}

    def told(self, asked, kind, rows, start):
        end, address = start + self.page, f"{self.url}{asked.path}"
        body = {"@odata.context": f"{self.url}/v1.0/$metadata#Collection({kind[:-1]})", "value": rows[start:end]}
        if "$deltatoken" in asked.query:
            body["value"], end = rows, len(rows)
        if end < len(rows):
            body["@odata.nextLink"] = f"{address}?$skiptoken={end}"
        else:
            body["@odata.deltaLink"] = f"{address}?$deltatoken={len(self.log)}"
        return 200, body, {}

    def send(self, body):
        message = body.get("message") or body["Message"]  # Graph does not mind the case of action parameters
        properties = message.get("singleValueExtendedProperties") or []
        self.sent.append(
            {"id": f"AAMk{len(self.sent)}", "key": "".join(each["value"] for each in properties), **message}
        )
        return 202, None, {}

    def find_sent(self, condition):
        key = KEY.search(condition)
        found = [each for each in self.sent if not key or each["key"] == key[1]]
        return 200, {"value": [{"id": each["id"], "subject": each["subject"]} for each in found]}, {}

    def create_event(self, body):
        for known in self.items["events"].values():
            if body.get("transactionId") and known.get("transactionId") == body["transactionId"]:
                return 201, known, {}
        id = f"AAMkE{len(self.items['events'])}"
        self.put("events", id, **body)
        return 201, {"@odata.type": "#microsoft.graph.event", **self.items["events"][id]}, {}


def message(sender, subject, text, at):
    return {
        "@odata.type": "#microsoft.graph.message",
        "subject": subject,
        "internetMessageId": f"<{subject}@example>",
        "isDraft": False,
        "receivedDateTime": at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "from": {"emailAddress": {"name": sender, "address": sender}},
        "body": {"contentType": "text", "content": text},
    }


def error(status, code, text):
    inner = {"date": datetime.now(UTC).isoformat(), "request-id": "0"}
    return status, {"error": {"code": code, "message": text, "innerError": inner}}, {}
