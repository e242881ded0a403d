"""Signing in as vendors want it: sessions, CSRF tokens, signatures, refresh tokens."""

import base64
import hashlib
import hmac
import stat

import pytest

from connectors.registry import open_connector
from connectors.settings import Surroundings
from engine.ports import SourceDown
from tests.connectors.conformance import NOON, Follower, ManualClock
from tests.connectors.loopback import loopback
from tests.connectors.test_http import PAYLOAD, HttpPeer

SESSION = {"session": {"path": "/Login", "json": {"CompanyDB": "SBO", "UserName": "u", "Password": "p"}}}
CSRF = {"basic": {"user": "u", "password": "p"}, "csrf": {"path": "/items"}}


@pytest.fixture
async def crm(tmp_path):
    async with loopback() as server:
        peer = HttpPeer(server, tmp_path)
        yield peer
        if peer.connector:
            await peer.connector.aclose()


class TestSession:
    """As SAP Business One has it: POST /Login gives cookies, 401 ends them."""

    @pytest.fixture
    def peer(self, crm):
        route, self.logins = crm.server.route, 0

        def guarded(request):
            if request.path == "/Login":
                self.logins += 1
                if request.body["Password"] != "p":
                    return 401, {"error": {"message": "wrong password"}}, {}
                return 200, {"SessionTimeout": 30}, {"Set-Cookie": f"B1SESSION=s{self.logins}; HttpOnly"}
            if f"B1SESSION=s{self.logins}" not in request.headers.get("cookie", ""):
                return 401, {"error": {"message": "invalid session"}}, {}
            return route(request)

        crm.server.route = guarded
        return crm

    async def test_one_login_serves_all_requests(self, peer):
        for number in range(10):
            await peer.put(f"k{number}", "first", NOON)
        peer.open(source={"auth": SESSION})
        assert len(await Follower(peer).sync()) == 10
        assert self.logins == 1

    async def test_a_session_that_ends_in_the_middle_is_opened_again(self, peer):
        for number in range(10):
            await peer.put(f"k{number}", "first", NOON)
        peer.open(source={"auth": SESSION})
        peer.server.faults += [None, None, 401]
        follower = Follower(peer)
        assert len(await follower.sync()) == 10
        assert (self.logins, follower.doubles()) == (2, [])

    async def test_a_refused_login_is_a_source_down_and_a_write_surely_not_done(self, peer):
        wrong = {"session": {"path": "/Login", "json": {"Password": "?"}}}
        peer.open(source={"auth": wrong, "write": True})
        with pytest.raises(SourceDown, match=r"refused the login \(status 401\)"):
            await Follower(peer).sync()
        assert (await peer.connector.perform("create_task", PAYLOAD, "key-1")).result == "unavailable"
        assert peer.server.tasks == []


class TestCsrf:
    """As SAP Gateway has it: a write needs the token that a read with `X-CSRF-Token: Fetch` gave."""

    @pytest.fixture
    def peer(self, crm):
        route, self.valid = crm.server.route, "t1"

        def guarded(request):
            token = request.headers.get("x-csrf-token")
            if not request.headers.get("authorization"):
                return 401, {}, {}
            if token == "Fetch":
                return 200, {"items": []}, {"X-CSRF-Token": self.valid}
            if request.method != "GET" and token != self.valid:
                return 403, {"error": "CSRF token validation failed"}, {"X-CSRF-Token": "Required"}
            return route(request)

        crm.server.route = guarded
        return crm.open(source={"auth": CSRF, "write": True})

    async def test_reading_needs_no_token(self, peer):
        await Follower(peer).sync()
        assert all("x-csrf-token" not in request.headers for request in peer.server.seen)

    async def test_a_worn_out_token_is_fetched_again_and_the_write_is_done_once(self, peer):
        assert (await peer.connector.perform("create_task", PAYLOAD, "key-1")).result == "ok"
        self.valid = "t2"
        assert (await peer.connector.perform("create_task", PAYLOAD, "key-2")).result == "ok"
        assert [task["key"] for task in peer.server.tasks] == ["key-1", "key-2"]

    async def test_a_403_for_another_reason_is_a_rejection(self, peer):
        peer.server.faults += [None, 403]
        assert (await peer.connector.perform("create_task", PAYLOAD, "key-1")).result == "rejected"


class TestHmac:
    async def test_the_signature_covers_what_the_manifest_says(self, crm):
        signing = {
            "secret": "s3cret",
            "header": "X-Sign",
            "timestamp_header": "X-Time",
            "clock": "ms",
            "encoding": "base64",
            "prefix": "v1=",
            "message": "method + path + timestamp + body",
        }
        crm.open(source={"auth": {"hmac": signing}, "write": True})
        await crm.connector.perform("create_task", PAYLOAD, "key-1")
        (sent,) = crm.server.seen
        message = f"POST/api/tasks{sent.headers['x-time']}".encode() + sent.raw
        wanted = base64.b64encode(hmac.new(b"s3cret", message, hashlib.sha256).digest()).decode()
        assert sent.headers["x-sign"] == f"v1={wanted}"


class TestRefreshToken:
    """The authorization code flow after a person agreed: each refresh gives the next refresh token."""

    def oauth(self, crm, **more):
        each = {"grant": "authorization_code", "client_id": "me", "token_url": f"{crm.server.url}/token"}
        return {"auth": {"oauth2": {**each, **more}}}

    @pytest.fixture
    def peer(self, crm):
        route, self.valid = crm.server.route, "r1"

        def rotating(request):
            if request.path != "/token":
                return route(request)
            if request.body["refresh_token"] != self.valid:
                return 400, {"error": "invalid_grant"}, {}
            self.valid = f"r{int(self.valid[1:]) + 1}"
            crm.server.token = f"a{self.valid}"
            return 200, {"access_token": crm.server.token, "token_type": "Bearer", "refresh_token": self.valid}, {}

        crm.server.route = rotating
        crm.server.token = "none yet"
        return crm

    async def test_a_rotated_refresh_token_is_kept_for_its_owner_alone(self, peer, tmp_path):
        peer.open(source=self.oauth(peer, refresh_token="r1"))
        await Follower(peer).sync()
        kept = tmp_path / "var" / "tokens" / "crm.json"
        assert '"r2"' in kept.read_text()
        assert stat.S_IMODE(kept.stat().st_mode) == 0o600

    async def test_a_new_process_goes_on_with_the_rotated_one(self, peer):
        settings = self.oauth(peer, refresh_token="r1")
        for _ in range(3):
            peer.open(source=settings)
            await Follower(peer).sync()
            await peer.connector.aclose()
        assert self.valid == "r4"

    async def test_nobody_signed_in_yet_says_what_to_do(self, peer):
        peer.open(source=self.oauth(peer))
        with pytest.raises(SourceDown, match="nobody has agreed yet: opslayer connector login"):
            await Follower(peer).sync()

    async def test_a_withdrawn_token_is_a_source_down_without_the_secret(self, peer):
        peer.open(source=self.oauth(peer, refresh_token="r-secret"))
        with pytest.raises(SourceDown, match="gave no token: invalid_grant") as caught:
            await Follower(peer).sync()
        assert "r-secret" not in str(caught.value)


async def test_sources_that_the_vendor_counts_together_share_one_budget(tmp_path):
    surroundings = Surroundings(tmp_path, ManualClock())
    limits = {"rate": 100, "budget": "account 17", "concurrent": 4}
    settings = {"connector": "http", "url": "http://127.0.0.1:9", "limits": limits}
    for name in ("mail", "calendar"):
        open_connector(name, settings, surroundings)
    assert list(surroundings.budgets.known) == ["account 17"]
