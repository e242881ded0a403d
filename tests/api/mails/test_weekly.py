"""The week's report goes out once, when it is due, to who answers for the rules."""

import asyncio
from datetime import datetime, timedelta
from email import message_from_bytes, policy

import pytest
from aiosmtpd.smtp import SMTP

from api.bootstrap import open_layer
from api.clock import SimulatedClock, SystemClock
from api.schedule import clockwork
from api.starter import write_home
from engine.events import Receipt


class Post:
    """A mail connector that keeps what it was given."""

    def __init__(self, inner):
        self.inner, self.mails, self.result = inner, [], "ok"

    def __getattr__(self, name):
        return getattr(self.inner, name)

    async def perform(self, _operation, payload, key):
        self.mails.append((payload, key))
        return Receipt(result=self.result)


@pytest.fixture
async def layer(tmp_path):
    home = tmp_path / "home"
    write_home(home)
    app = home / "config" / "app.yaml"
    app.write_text(f"{app.read_text()}report: {{source: mail, url: 'https://ops.example', day: monday, at: '08:00'}}\n")
    async with open_layer(home, SimulatedClock(datetime.fromisoformat("2026-03-02T07:00:00+03:00"))) as layer:
        post = Post(layer.parts.connectors["mail"])
        layer.parts.connectors = {**layer.parts.connectors, "mail": post}
        layer.post = post
        yield layer


async def test_it_is_mailed_once_a_week(layer):
    assert await layer.mail_reports() == 1  # last Monday's
    assert await layer.mail_reports() == 0
    layer.clock.advance(layer.clock.now() + timedelta(hours=2))
    assert await layer.mail_reports() == 1
    assert await layer.mail_reports() == 0
    payload, _ = layer.post.mails[-1]
    assert payload["to"] == "ada@example.org"
    assert "Outcome report, 2 March 2026" in payload["subject"]
    assert len({key for _, key in layer.post.mails}) == 2


async def test_a_mail_server_that_is_away_is_asked_again(layer):
    layer.post.result = "unavailable"
    assert await layer.mail_reports() == 0
    layer.post.result = "ok"
    assert await layer.mail_reports() == 1


class Letterbox:
    """A mail server's end that keeps what it takes."""

    def __init__(self):
        self.mails = []

    async def handle_DATA(self, _server, _session, envelope):  # noqa: N802  (aiosmtpd's name)
        self.mails.append((envelope.rcpt_tos, message_from_bytes(envelope.content, policy=policy.default)))
        return "250 taken"


async def test_the_schedule_mails_it_over_smtp(tmp_path, monkeypatch):
    box = Letterbox()
    server = await asyncio.get_running_loop().create_server(lambda: SMTP(box, hostname="localhost"), "127.0.0.1", 0)
    monkeypatch.setenv("OPSLAYER_SMTP_PORT", str(server.sockets[0].getsockname()[1]))
    home = tmp_path / "home"
    write_home(home)
    app = home / "config" / "app.yaml"
    app.write_text(f"{app.read_text()}report: {{source: mail, url: 'https://ops.example', day: monday, at: '08:00'}}\n")
    async with server, open_layer(home, SystemClock()) as layer, clockwork(layer):
        for _ in range(600):
            if box.mails:
                break
            await asyncio.sleep(0.1)
        [(to, mail)] = box.mails
    assert to == ["ada@example.org"]
    assert mail["subject"].startswith("Outcome report, ")
    text, html = mail.iter_parts()
    assert "flagged: 0 → 0" in text.get_content()
    assert "https://ops.example/report" in html.get_content()
