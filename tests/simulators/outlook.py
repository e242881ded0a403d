"""A simulator of one mailbox in Microsoft Graph v1.0: delta links, sendMail, events. msgraph-sdk accepts it.

After learn.microsoft.com/graph: message: delta, user: sendMail, Create event (transactionId), extended properties,
subscription, change notifications by webhooks, lifecycle notifications.
"""

import re
from datetime import UTC, datetime, timedelta

import httpx

from tests.simulators.server import Simulator

LONGEST = timedelta(minutes=10_080)
KEY = re.compile(r"ep/value eq '([^']*)'")


class Outlook(Simulator):
    def __init__(self, *, page=4, token="graph"):
        self.page = page
        self.token = token
        self.log = []
        self.items = {"messages": {}, "events": {}}
        self.sent = []
        self.expired = False
        self.subscriptions = {}
        self.subscribed_to = 0
        self.now = lambda: datetime.now(UTC)

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
        if asked.path.startswith("/v1.0/subscriptions"):
            return self.subscribed(asked, asked.path.removeprefix("/v1.0/subscriptions").strip("/"))
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
            return self.told(asked, kind, [self.state(kind, id) for id in changed], 0)
        return self.told(asked, kind, list(self.items[kind].values()), int(asked.query.get("$skiptoken", 0)))

    def state(self, kind, id):
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

    # --- subscriptions ----------------------------------------------------------------------------------------

    def subscribed(self, asked, id):
        if id and id not in self.subscriptions:
            return error(404, "ExtensionError", "The object was not found.")
        if asked.method == "DELETE":
            del self.subscriptions[id]
            return 204, None, {}
        if asked.method == "GET":
            return (200, self.subscriptions[id], {}) if id else (200, {"value": [*self.subscriptions.values()]}, {})
        wanted = asked.body
        until = datetime.fromisoformat(wanted["expirationDateTime"])
        if until - self.now() > LONGEST:
            return error(400, "ExtensionError", "Subscription expiration can only be 10080 minutes in the future")
        for name in ("notificationUrl", "lifecycleNotificationUrl"):
            if name in wanted and not validated(wanted[name]):
                return error(400, "ValidationError", "Subscription validation request failed.")
        self.subscribed_to += not id
        id = id or f"sub{self.subscribed_to}"
        known = {"@odata.type": "#microsoft.graph.subscription", "id": id, **self.subscriptions.get(id, {}), **wanted}
        self.subscriptions[id] = known
        return (200 if asked.method == "PATCH" else 201), known, {}

    def notify(self, id, **said):
        """Send one notification as Graph does, and return the status of the answer."""
        each = self.subscriptions[id]
        lifecycle = "lifecycleEvent" in said
        told = {"subscriptionId": id, "clientState": each["clientState"], "tenantId": "t", **said}
        told |= {"subscriptionExpirationDateTime": each["expirationDateTime"]}
        url = each["lifecycleNotificationUrl" if lifecycle else "notificationUrl"]
        return httpx.post(url, json={"value": [told]}, timeout=10).status_code


def validated(url):
    """Whether the address answers the challenge as Graph wants: its text, plain, within ten seconds."""
    challenge = "Validation: Testing client application reachability <&>"
    try:
        found = httpx.post(url, params={"validationToken": challenge}, timeout=10)
    except httpx.HTTPError:
        return False
    plain = found.headers.get("content-type", "").startswith("text/plain")
    return found.status_code == 200 and plain and found.text == challenge


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
