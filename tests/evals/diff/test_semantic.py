from evals.diff.semantic import changes

RULES = "rules/reminders/ruleset.yaml"


def told(*homes):
    return [str(each) for each in changes(*homes)]


def test_nothing_changed_says_nothing(starter):
    assert told(starter(), starter()) == []


def test_layout_and_comments_are_no_change(starter):
    edits = [(RULES, "oldest_due != null and", "oldest_due  !=  null  and"), (RULES, "# What matters", "# Hm")]
    assert told(starter(), starter(*edits)) == []


def test_what_stands_elsewhere_is_no_change(starter):
    assert told(starter(), starter((RULES, "rules:\n", "rules:\n\n  # moved\n\n"))) == []


def test_a_threshold_is_told_as_such(starter):
    assert told(starter(), starter((RULES, "P7D", "P9D"))) == [
        'rule reminders/late: `when` threshold "P7D" -> "P9D" in `today() > oldest_due + duration("P7D")`'
    ]


def test_a_condition_that_came_or_went_is_named(starter):
    wider = starter((RULES, "oldest_due != null and ", "oldest_due != null and email != null and "))
    assert told(starter(), wider) == ["rule reminders/late: `when` also asks for `email != null`"]
    assert told(wider, starter()) == ["rule reminders/late: `when` no longer asks for `email != null`"]


def test_an_action_is_compared_key_by_key(starter):
    head = starter((RULES, "autonomy: customer_mail\n", "valid_for: P3D\n        autonomy: customer_mail\n"))
    assert told(starter(), head) == ["rule reminders/late: `do.remind.valid_for` nothing -> `P3D`"]


def test_a_renamed_rule_is_known_by_its_past(starter):
    examples = ("rules/reminders/examples.yaml", "late/remind", "overdue/remind")
    head = starter((RULES, "id: late", "id: overdue\n    was: late"), examples, examples)
    found = [each for each in changes(starter(), head) if each.what == "rule"]
    assert [(each.kind, each.name) for each in found] == [("renamed", "reminders/overdue")]


def test_policies_prompts_model_and_sources_are_told(starter):
    head = starter(
        ("config/autonomy.yaml", "undo: PT2M", "undo: PT5M"),
        ("config/model.yaml", "due_date: date", "due_date: date\n      note: text"),
        ("config/sources.yaml", "every: PT1M", "every: PT2M"),
        ("rules/reminders/prompts/reminder.md", "## template en\n", "## template en\nHello. "),
        (
            "config/people.yaml",
            "  - {id: grace, name: Grace Hopper, email: grace@example.org, roles: [operator]}\n",
            "",
        ),
    )
    assert [(each.kind, each.what, each.name) for each in changes(starter(), head)] == [
        ("changed", "prompt", "rules/reminders/prompts/reminder.md"),
        ("changed", "policy", "customer_mail"),
        ("changed", "entity", "invoice"),
        ("changed", "source", "ledger"),
        ("removed", "person", "grace"),
    ]
