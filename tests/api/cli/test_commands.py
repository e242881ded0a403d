"""Commands on a real home folder, as `opslayer init` writes it."""

import pytest


def test_init_makes_a_home_that_is_sound_and_does_not_overwrite(call, tmp_path):
    assert call("init", str(tmp_path / "new")).code == 0
    assert (tmp_path / "new" / "config" / "app.yaml").is_file()
    assert call("init", str(tmp_path / "new")).code == 2


def test_sync_reads_the_sources_and_rules_prepare_actions(call):
    done = call("--json", "sync", "ledger")
    assert done.code == 0
    assert done.json()[0] == {"source": "ledger", "records": 5, "rejected": 0, "problem": None}
    actions = call("--json", "actions", "list").json()
    assert {each["key"]["subject"] for each in actions} == {"customer:C1", "customer:C2"}
    assert call("sync", "nowhere").code == 2


def test_explain_goes_down_to_the_record(call):
    call("sync")
    action = call("--json", "actions").json()[0]
    told = call("explain", action["id"])
    assert told.code == 0
    assert "ledger invoices/" in told.out
    assert call("--json", "explain", action["id"]).json()["decision"]["proof"]
    assert call("explain", "nothing").code == 2


def test_why_not_names_the_conjunct(call):
    call("sync")
    told = call("--json", "explain", "--why-not", "reminders/late", "customer:C1")
    assert told.json()["truth"] == "true"
    assert [each["state"] for each in told.json()["actions"]] == ["live"]
    said = call("explain", "--why-not", "reminders/late", "customer:C1").out
    assert "oldest_due is 15 January 2026" in said
    assert "action remind: proposed at" in said
    assert call("explain", "--why-not", "reminders/none", "customer:C1").code == 2


def test_why_not_says_what_would_pass(call, home):
    with (home / "data" / "customers.csv").open("a") as file:
        file.write("C3,Dune and Daughters,d@dune.example\n")
    call("sync")
    told = call("explain", "--why-not", "reminders/late", "customer:C3")
    assert "oldest_due != null" in told.out
    assert "any value" in told.out


def test_the_funnel_counts_who_passes_each_part(call):
    call("sync")
    told = call("--json", "explain", "--funnel", "reminders/late").json()
    assert [(each["passing"], each["left"]) for each in told["stages"]] == [(2, 2), (2, 2)]
    assert "oldest_due != null" in call("explain", "--funnel", "reminders/late").out
    assert call("explain", "--funnel", "reminders/none").code == 2
    assert call("explain", "--funnel", "reminders/late", "act-1").code == 2


def test_show_and_timeline_tell_what_is_known(call):
    call("sync")
    assert "Bolt and Sons" in call("show", "customer:C1").out
    assert call("--json", "show", "invoice:R-1001").json()["fields"]["amount"]["value"] == {
        "amount": "1250.00",
        "currency": "EUR",
    }
    assert "ledger/customers/C1" in call("timeline", "customer:C1").out
    assert call("show", "customer:C9").code == 2


def test_a_row_that_cannot_be_used_waits_and_is_dropped_with_a_reason(call, home):
    with (home / "data" / "invoices.csv").open("a") as file:
        file.write("R-1004,C1,a lot,2026-01-15,\n")
    assert call("sync", "ledger").code == 1
    waiting = call("--json", "quarantine", "list").json()
    assert [each["key"] for each in waiting] == ["R-1004"]
    assert call("quarantine", "retry", "--all").code == 1
    assert call("quarantine", "drop", waiting[0]["id"], "--reason", "test").code == 0
    assert call("--json", "quarantine", "list").json() == []
    assert call("quarantine", "drop", "nothing").code == 2
    assert call("quarantine", "retry").code == 2


def test_keys_are_shown_once_listed_and_revoked(call):
    secret = call("keys", "create", "--role", "operator", "--name", "bridge").out.strip()
    assert len(secret) > 30
    assert call("keys", "create", "--role", "operator", "--name", "bridge").code == 2
    listed = call("keys", "list")
    assert "bridge" in listed.out
    assert secret not in listed.out
    assert call("keys", "revoke", "bridge").code == 0
    assert call("keys", "revoke", "nothing").code == 2


def test_a_kill_switch_is_pulled_listed_and_released(call):
    assert call("kill", "ruleset:reminders", "--reason", "wrong").code == 0
    assert [each["scope"] for each in call("--json", "kill").json()] == ["ruleset:reminders"]
    assert call("kill", "ruleset:reminders", "--release").code == 0
    assert call("--json", "kill").json() == []
    assert call("kill", "ruleset:none").code == 2


def test_verify_finds_the_journal_sound(call):
    call("sync")
    done = call("--json", "verify")
    assert (done.code, done.json()["ok"]) == (0, True)


@pytest.mark.parametrize(
    "command",
    [
        ["check"],
        ["sync"],
        ["actions"],
        ["quarantine", "list"],
        ["keys", "list"],
        ["people", "list"],
        ["kill"],
        ["verify"],
        ["schema"],
        ["migrate-db"],
        ["show", "customer:C1"],
        ["timeline", "customer:C1"],
    ],
)
def test_json_is_one_document_on_stdout_and_words_go_to_stderr(call, command):
    call("sync")
    done = call("--json", *command)
    assert done.json() is not None
    assert call(*command).out


def test_feel_evaluates_over_a_context(call, tmp_path):
    assert call("feel", "sum(amounts[item > 10])", "--context", "{amounts: [5, 20, 30]}").out == "50\n"
    (tmp_path / "c.json").write_text('{"a": 0.1}')
    assert call("feel", "a + 0.2", "--context", f"@{tmp_path / 'c.json'}").out == "0.3\n"
    assert call("--json", "feel", "[1.25, null]").json() == {"list": [{"number": "1.25"}, None]}
    assert call("feel", "-5").out == "-5\n"


def test_a_password_is_set_from_stdin_and_must_be_long(call, monkeypatch):
    import io

    monkeypatch.setattr("sys.stdin", io.StringIO("short\n"))
    assert call("people", "password", "ada", "--password-stdin").code == 2
    monkeypatch.setattr("sys.stdin", io.StringIO("long enough to keep\n"))
    assert call("people", "password", "ada", "--password-stdin").code == 0
    monkeypatch.setattr("sys.stdin", io.StringIO("long enough to keep\n"))
    assert call("people", "password", "nobody", "--password-stdin").code == 2


def test_schema_prints_what_editors_read(call):
    assert call("schema", "ruleset").json()["$schema"].startswith("http://json-schema.org/")
