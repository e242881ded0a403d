"""What is written holds nothing of value, whatever went wrong."""

import json
import logging

import pytest

from api.logs import LOG, Blotter, configure

ENVIRONMENT = {"CRM_TOKEN": "tok-8f3a91", "PORT": "8000", "SMTP_PASSWORD": "p@ss word", "PIN_KEY": "1234"}
LINES = {
    "a secret of the environment": ("refused tok-8f3a91 today", "refused <secret> today"),
    "a password with spaces": ("login p@ss word failed", "login <secret> failed"),
    "a short value hides nothing": ("1234 rows", "1234 rows"),
    "an address of mail": ("550 no such box: <ayse.kaya@firma.com.tr>", "550 no such box: <<mail>>"),
    "a bearer": ("Authorization: Bearer eyJhbGciOi.x.y", "Authorization: Bearer <secret>"),
    "a login in an address": ("postgresql://ada:s3cret@db/ops", "postgresql://<secret>@db/ops"),
    "a query": ("GET https://crm.example/x?key=1&name=Acme failed", "GET https://crm.example/x?<query> failed"),
    "an IBAN": ("to TR33 0006 1005 1978 6457 8413 26 now", "to <number> now"),
    "a telephone": ("call +90 532 123 45 67", "call <number>"),
    "a moment": ("since 2026-01-05 08:00:00.123456789012", "since 2026-01-05 08:00:00.123456789012"),
    "a plain line": ("sync ledger: 42 records in 3.5 s", "sync ledger: 42 records in 3.5 s"),
}


@pytest.mark.parametrize(("said", "written"), LINES.values(), ids=LINES)
def test_what_is_blotted_out(said, written):
    assert Blotter(ENVIRONMENT)(said) == written


@pytest.fixture
def fail(monkeypatch):
    """Log a failure whose message and traceback hold what they should not; then put logging back."""
    monkeypatch.setenv("CRM_TOKEN", "tok-8f3a91")
    root = logging.getLogger()
    before, level = list(root.handlers), root.level

    def fail():
        try:
            int("tok-8f3a91 of ayse@firma.com.tr")
        except ValueError:
            logging.getLogger("opslayer.api").exception("POST /x failed for %s", "ayse@firma.com.tr")

    yield fail
    for handler in root.handlers:
        if handler not in before:
            handler.close()
    logging.basicConfig(level=level, handlers=before, force=True)


def test_the_file_and_the_terminal_hold_no_secret(fail, tmp_path, capsys):
    path = configure(tmp_path)
    fail()
    whole, short = path.read_text(), capsys.readouterr().err
    assert path.name == LOG
    assert "ValueError: invalid literal for int() with base 10: '<secret> of <mail>'" in whole
    assert short == f"error: POST /x failed for <mail> (ValueError, see {LOG})\n"
    assert "8f3a91" not in whole + short
    assert "ayse" not in whole + short


def test_json_lines_are_one_object_each(fail, tmp_path, capsys):
    assert configure(tmp_path, "json") is None
    fail()
    (line,) = capsys.readouterr().err.splitlines()
    told = json.loads(line)
    assert (told["level"], told["from"], told["error"]) == ("error", "opslayer.api", "ValueError")
    assert told["message"] == "POST /x failed for <mail>"
    assert "8f3a91" not in line
    assert "ayse" not in line


@pytest.mark.parametrize(
    "said", ["/x\n2026-01-05 08:00:00 ERROR opslayer: forged", "/x\rforged", "/x\x1b[2Jforged", "/x\x85forged"]
)
def test_what_strangers_send_neither_looks_like_a_line_of_its_own_nor_moves_a_terminal(fail, said, tmp_path, capsys):
    path = configure(tmp_path)
    logging.getLogger("opslayer.api").error("GET %s failed", said)
    whole, short = path.read_text(encoding="utf-8"), capsys.readouterr().err
    assert not [line for line in whole.splitlines()[1:] if not line.startswith("    ")]
    assert len(short.splitlines()) == 1
    assert "\x1b" not in whole + short
