"""The peers on the workload: each takes rules and events and answers with a function that decides about all events.

A peer that is not installed, or cannot take so many rules, raises Unable with the reason.
"""

import json
from collections import defaultdict
from importlib import import_module

SIBLINGS = 511
"""So many rules of one shape durable_rules takes; with 513 its compiler never returns."""
CELLS = 1000
"""Above so many rows zen-engine's table takes milliseconds an event."""


class Unable(Exception):
    """Why a peer is left out."""


def module(name, package):
    """Import a peer."""
    try:
        return import_module(name)
    except ImportError:
        raise Unable(f"{package} is not installed") from None


def by_hand(bands, events):
    """What a programmer generates: one function a group with an `if` a rule, behind a dictionary."""
    groups = defaultdict(list)
    for band in bands:
        groups[band.group].append(
            f" if {band.low} <= amount <= {band.high} and {band.first} <= days <= {band.last}: add({band.id!r})"
        )
    source = "\n".join(f"def {group}(amount, days, add):\n" + "\n".join(lines) for group, lines in groups.items())
    functions = {}
    exec(compile(source, "<by hand>", "exec"), functions)

    def decide():
        found = []
        for event in events:
            of_one = []
            functions[event.group](event.amount, event.days, of_one.append)
            found.append(of_one)
        return found

    return decide


def clips(bands, events):
    """CLIPS: one rule a rule, one fact an event, asserted, run and retracted."""
    environment = module("clips", "clipspy").Environment()
    environment.build(
        "(deftemplate payment (slot group (type STRING)) (slot amount (type INTEGER)) (slot days (type INTEGER)))"
    )
    found = []

    def match(rule):
        found[-1].append(rule)

    environment.define_function(match)
    for band in bands:
        environment.build(
            f'(defrule {band.id} (payment (group "{band.group}") (amount ?a&:(<= {band.low} ?a {band.high}))'
            f' (days ?d&:(<= {band.first} ?d {band.last}))) => (match "{band.id}"))'
        )
    template = environment.find_template("payment")

    def decide():
        found.clear()
        for event in events:
            found.append([])
            fact = template.assert_fact(group=event.group, amount=event.amount, days=event.days)
            environment.run()
            fact.retract()
        return found

    return decide


def durable(bands, events):
    """durable_rules: one rule a rule, one fact an event, asserted and retracted."""
    lang = module("durable.lang", "durable_rules")
    unmatched = module("durable.engine", "durable_rules").MessageNotHandledException
    if len(bands) > SIBLINGS:
        raise Unable(f"takes {SIBLINGS} sibling rules at most")
    found = []
    name = f"bench{id(found)}"
    with lang.ruleset(name):
        for band in bands:
            _durable_rule(lang, band, found)

    def decide():
        found.clear()
        for event in events:
            found.append([])
            fact = {"id": event.id, "group": event.group, "amount": event.amount, "days": event.days}
            try:
                lang.assert_fact(name, fact)
            except unmatched:
                continue
            lang.retract_fact(name, fact)
        return found

    return decide


def _durable_rule(lang, band, found):
    m = lang.m
    amount = (m.amount >= band.low) & (m.amount <= band.high)
    days = (m.days >= band.first) & (m.days <= band.last)

    @lang.when_all((m.group == band.group) & amount & days)
    def match(_context):
        found[-1].append(band.id)


def zen(bands, events):
    """zen-engine: a decision table that collects."""
    if len(bands) > CELLS:
        raise Unable("looks at every row, left out above 1,000")
    decision = module("zen", "zen-engine").ZenEngine().create_decision(json.dumps(_table(bands)))

    def decide():
        return [
            [row["rule"] for row in decision.evaluate(
                {"group": event.group, "amount": event.amount, "days": event.days})["result"]]
            for event in events
        ]  # fmt: skip

    return decide


def _table(bands):
    columns = ("group", "amount", "days")
    rows = [
        {
            "_id": band.id, "group": json.dumps(band.group), "amount": f"[{band.low}..{band.high}]",
            "days": f"[{band.first}..{band.last}]", "rule": json.dumps(band.id),
        }
        for band in bands
    ]  # fmt: skip
    content = {
        "hitPolicy": "collect",
        "inputs": [{"id": name, "name": name, "type": "expression", "field": name} for name in columns],
        "outputs": [{"id": "rule", "name": "rule", "type": "expression", "field": "rule"}],
        "rules": rows,
    }
    nodes = [("in", "inputNode", {}), ("table", "decisionTableNode", content), ("out", "outputNode", {})]
    return {
        "nodes": [
            {"id": id, "name": id, "type": type, "position": {"x": 0, "y": 0}, "content": content}
            for id, type, content in nodes
        ],
        "edges": [
            {"id": f"{source}-{target}", "sourceId": source, "targetId": target, "type": "edge"}
            for source, target in (("in", "table"), ("table", "out"))
        ],
    }


PEERS = {"by hand": by_hand, "clipspy": clips, "durable_rules": durable, "zen-engine": zen}
