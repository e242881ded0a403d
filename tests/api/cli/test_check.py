RULES = "rules/reminders/ruleset.yaml"


def test_faults_are_shown_at_their_lines_on_github(call, home, monkeypatch):
    monkeypatch.setenv("GITHUB_WORKSPACE", str(home.parent))
    file = home / RULES
    file.write_text(file.read_text().replace("oldest_due != null", "oldest_dew != null, 5%"))
    done = call("check", "--annotations", "github")
    assert done.code == 1
    line = next(line for line in done.out.splitlines() if line.startswith("::error "))
    assert line.startswith("::error file=home/rules/reminders/ruleset.yaml,line=12,col=")
    assert ",title=feel-syntax::" in line
    assert line.endswith("%0ASee docs/reference/problems.md#feel-syntax")


def test_every_fault_names_its_page(call, home):
    file = home / RULES
    file.write_text(file.read_text().replace("oldest_due != null", "oldest_dew != null"))
    assert "see docs/reference/problems.md#unknown-name" in call("check").out
    done = call("--json", "check", "--annotations", "github")
    assert done.json()["problems"][0]["docs"] == "docs/reference/problems.md#unknown-name"


def test_coverage_has_a_threshold(call, home):
    assert call("test", "--coverage", "--min", "100").code == 0
    file = home / RULES
    file.write_text(file.read_text().replace("oldest_due != null", "oldest_due != null and name != null"))
    done = call("--json", "test", "--min", "90")
    assert done.code == 1
    assert round(done.json()["coverage"]["percent"]) == 83
    assert "below 90 %" in done.err
    assert call("test", "--min", "80").code == 0
