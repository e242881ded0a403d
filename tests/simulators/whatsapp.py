"""A simulator of the WhatsApp Cloud API: messages out, templates. pywa accepts it.

After developers.facebook.com/docs/whatsapp/cloud-api: Messages, Message Templates, Error Codes.
"""

from tests.simulators.server import Simulator


class WhatsApp(Simulator):
    def __init__(self, *, token="wa", page=4):
        self.token = token
        self.page = page
        self.sent = []
        self.templates = []
        self.open_windows = set()

    def handle(self, asked):
        if asked.headers.get("authorization") != f"Bearer {self.token}":
            return error(401, 190, "Invalid OAuth access token.")
        if asked.path.endswith("/messages") and asked.method == "POST":
            return self.message(asked.body)
        if asked.path.endswith("/message_templates"):
            return self.listed(asked)
        return error(400, 100, f"Unsupported {asked.method.lower()} request.")

    def message(self, body):
        if body.get("messaging_product") != "whatsapp" or not body.get("to"):
            return error(400, 100, "(#100) Missing required parameters")
        if body["type"] == "text" and body["to"] not in self.open_windows:
            return error(400, 131047, "Re-engagement message")
        if body["type"] == "template" and body["template"]["name"] not in {each["name"] for each in self.templates}:
            return error(404, 132001, "Template name does not exist in the translation")
        self.sent.append(body)
        contact = {"input": body["to"], "wa_id": body["to"].lstrip("+")}
        messages = [{"id": f"wamid.{len(self.sent)}", "message_status": "accepted"}]
        return 200, {"messaging_product": "whatsapp", "contacts": [contact], "messages": messages}, {}

    def listed(self, asked):
        start = int(asked.query.get("after") or 0)
        end = start + self.page
        cursors = {"before": str(start), **({"after": str(end)} if end < len(self.templates) else {})}
        return 200, {"data": self.templates[start:end], "paging": {"cursors": cursors}}, {}


def error(status, code, text):
    return status, {"error": {"message": text, "type": "OAuthException", "code": code, "fbtrace_id": "A"}}, {}
