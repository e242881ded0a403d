"""Warnings: what is written and never used, and what is used and never shown by an example."""

from collections.abc import Collection, Iterable, Iterator

from engine.rules.files import KINDS
from engine.rules.home import Home, prompt_file
from engine.settings.autonomy import Policy
from engine.source.excerpt import did_you_mean, pointed
from engine.source.problem import Place, Problem


def check_unused(home: Home, reads: Collection[tuple[str, str]], unread: Iterable[str]) -> Iterator[Problem]:
    """Return all warnings: `reads` are the (entity type, field) pairs that are read, `unread` files nobody reads."""
    found = (_prompts(home), _examples(home), _streams(home), _fields(home, reads), _money(home), _files(unread))
    for warnings in found:
        for warning in warnings:
            file = warning.place.file if warning.place else ""
            yield pointed(warning, home.texts.get(file, ""))


def _warning(code: str, message: str, place: Place, hint: str) -> Problem:
    return Problem(code, message, place, hint, level="warning")


def _prompts(home: Home) -> Iterator[Problem]:
    used = {
        prompt_file(ruleset.id, action.draft)
        for ruleset in home.rulesets.values()
        for rule in ruleset.rules
        for action in rule.do
        if action.draft
    }
    for file in home.prompts:
        if file not in used:
            message = "no action of this ruleset drafts with this prompt"
            yield _warning("unused-prompt", message, Place(file, 1, 1), "name it under `draft`, or delete the file")


def _examples(home: Home) -> Iterator[Problem]:
    for ruleset in home.rulesets.values():
        file = f"rules/{ruleset.id}/examples.yaml"
        shown = home.texts.get(file, "")
        for rule in ruleset.rules:
            sets = any(f".{name}" in shown for name in rule.set)
            if f"{rule.id}/" not in shown and f" {rule.id} " not in shown and not sets:
                hint = f"write a case in {file} that names {rule.id}"
                place = home.index.value(rule.place, "id")
                yield _warning("no-example", f"no example shows the rule {rule.id}", place, hint)


def _streams(home: Home) -> Iterator[Problem]:
    for name, source in home.sources.sources.items():
        mapping = home.mappings.get(name)
        for stream in source.streams:
            if mapping is None or stream not in mapping.streams:
                message = f"no mapping reads the stream {stream} of {name}"
                hint = f"map it in mappings/{name}.yaml, or delete it here"
                yield _warning("unmapped-stream", message, home.index.key(source.place, "streams", stream), hint)


def _fields(home: Home, reads: Collection[tuple[str, str]]) -> Iterator[Problem]:
    mappings = [each for mapping in home.mappings.values() for stream in mapping.streams.values() for each in stream]
    filled = {(mapping.entity, name) for mapping in mappings for name in mapping.fields}
    filled |= {(step.of, name) for each in home.rulesets.values() for step in each.read for name in step.facts}
    converts = any("in currency(" in text for text in home.texts.values())
    for type, entity in home.model.entities.items():
        for name, field in entity.fields.items():
            place = home.index.key(entity.place, "fields", name)
            read = (type, name) in reads
            if field.concluded and not read:
                hint = "read it in a rule or prompt, or delete it"
                yield _warning("unused-fact", f"{type}.{name} is concluded and nothing reads it", place, hint)
            elif entity.rates is not None and not converts:
                continue  # rates are read by conversions alone
            elif read and not (field.concluded or field.derived or (type, name) in filled):
                hint = "fill it in a mapping; until then it is always null"
                yield _warning("unfilled-field", f"{type}.{name} is read and no mapping fills it", place, hint)


def _money(home: Home) -> Iterator[Problem]:
    policies = home.autonomy.policies
    actions = (each for ruleset in home.rulesets.values() for rule in ruleset.rules for each in rule.do)
    for action in actions:
        name = action.autonomy or home.autonomy.default or ""
        policy = policies.get(name)
        if policy is None or policy.amount in action.with_ or not _counts_money(home, policy):
            continue
        near = did_you_mean(policy.amount, action.with_)
        message = f"{name} counts the money under `{policy.amount}`, which {action.id} has not under `with`{near}"
        hint = "name its key under `amount` of the policy; if it moves no money, give it a policy that counts none"
        place = home.index.value(action.place, "id")
        yield _warning("uncounted-money", message, place, f"{hint}; its keys: {', '.join(action.with_) or 'none'}")


def _counts_money(home: Home, policy: Policy) -> bool:
    """Whether a policy says in so many words that it counts money: by a cap, or by the key."""
    return policy.caps.amount is not None or home.index.value(policy.place, "amount") != policy.place


def _files(unread: Iterable[str]) -> Iterator[Problem]:
    known = sorted({kind.pattern.rsplit("/", 1)[-1] for kind in KINDS})
    for file in unread:
        hint = f"files that are read: {', '.join(known)}"
        yield _warning("unread-file", "nothing reads this file", Place(file), hint)
