"""Checks rulesets against the rest of the home: names, owners, operations, policies, prompts."""

from collections.abc import Iterator

from engine.rules.exclusive import ties
from engine.rules.home import Home, prompt_file
from engine.rules.structs import ActionSpec, Rule, Ruleset, full_name
from engine.settings.sources import BUILT_IN, OperationSettings, SourceSettings
from engine.source.excerpt import did_you_mean
from engine.source.problem import Place, Problem


def check_rulesets(home: Home) -> Iterator[Problem]:
    """Return what is wrong with rules apart from their FEEL."""
    for ruleset in home.rulesets.values():
        yield from _ids(home, ruleset)
        yield from _replaced(home, ruleset)
        yield from _groups(home, ruleset)
        for rule in ruleset.rules:
            yield from _owner(home, ruleset, rule)
            yield from _subject(home, rule)
            for action in rule.do:
                yield from _action(home, ruleset, action)


def _ids(home: Home, ruleset: Ruleset) -> Iterator[Problem]:
    yield from _twice("rule", [(rule.id, home.index.value(rule.place, "id")) for rule in ruleset.rules])
    for rule in ruleset.rules:
        yield from _twice(
            f"action of {rule.id}", [(action.id, home.index.value(action.place, "id")) for action in rule.do]
        )


def _twice(what: str, named: list[tuple[str, Place]]) -> Iterator[Problem]:
    first: dict[str, Place] = {}
    for name, place in named:
        if name in first:
            message = f"there is another {what} `{name}` on line {first[name].line}"
            yield Problem("duplicate-id", message, place, "what is remembered hangs on the id; choose another")
        first.setdefault(name, place)


def _replaced(home: Home, ruleset: Ruleset) -> Iterator[Problem]:
    ids = {rule.id for rule in ruleset.rules}
    rules = {f"{id}/{rule.id}": rule for id, each in home.rulesets.items() for rule in each.rules}
    former: dict[str, str] = {}
    for rule in ruleset.rules:
        for number, other in enumerate(rule.instead_of):
            place = home.index.value(rule.place, "instead_of", str(number))
            folder, _, name = other.rpartition("/")
            known = {each.id for each in home.rulesets[folder].rules} if folder in home.rulesets else ids - {rule.id}
            if name not in known and not _is_faulty(home, folder or ruleset.id):
                message = f"`instead_of` names `{other}`, which is no other rule{did_you_mean(name, known)}"
                yield Problem("unknown-rule", message, place, f"known: {', '.join(sorted(known)) or 'none'}")
            weaker = rules.get(full_name(ruleset.id, other))
            if weaker is not None and weaker.for_ != rule.for_:
                message = f"`instead_of` names `{other}`, which is for {weaker.for_}; {rule.id} is for {rule.for_}"
                hint = "one rule stands instead of another for the same subject only"
                yield Problem("other-subject", message, place, hint)
        if rule.was and (rule.was in ids or rule.was in former):
            other = former.get(rule.was, f"rule {rule.was} itself")
            message = f"`was: {rule.was}` claims the past of {other}, which is still here"
            yield Problem(
                "was-clash", message, home.index.value(rule.place, "was"), "`was` is for a rule that got a different id"
            )
        if rule.was:
            former[rule.was] = f"{rule.was}, as {rule.id} does"
    yield from _circles(home, ruleset)
    for first, second in ties(ruleset):
        message = f"{first.id} and {second.id} are in the exclusive group `{second.exclusive}` with the same priority"
        hint = "give one of them a higher `priority`; it is the one that proposes where both hold"
        yield Problem("exclusive-tie", message, home.index.value(second.place, "exclusive"), hint)


def _circles(home: Home, ruleset: Ruleset) -> Iterator[Problem]:
    weaker = {
        f"{id}/{rule.id}": [full_name(id, each) for each in rule.instead_of]
        for id, each in home.rulesets.items()
        for rule in each.rules
    }
    for rule in ruleset.rules:
        name = f"{ruleset.id}/{rule.id}"
        path, reached = [name], set()
        while path:
            for other in weaker.get(path.pop(), ()):
                if other == name:
                    message = f"`instead_of` leads from {rule.id} back to itself"
                    place = home.index.value(rule.place, "instead_of")
                    yield Problem("stronger-in-circle", message, place, "of two rules only one can be the stronger")
                    return
                if other not in reached:
                    reached.add(other)
                    path.append(other)


def _is_faulty(home: Home, ruleset: str) -> bool:
    return f"rules/{ruleset}/ruleset.yaml" in home.faulty


def _groups(home: Home, ruleset: Ruleset) -> Iterator[Problem]:
    first: dict[str, ActionSpec] = {}
    for rule in ruleset.rules:
        for action in rule.do:
            if not action.group:
                continue
            other = first.setdefault(action.group, action)
            if other.operation != action.operation:
                message = f"group `{action.group}` collects {other.operation} and {action.operation}"
                hint = "one group becomes one action, so all its members need the same operation"
                yield Problem("mixed-group", message, home.index.value(action.place, "group"), hint)


def _owner(home: Home, ruleset: Ruleset, rule: Rule) -> Iterator[Problem]:
    owner, known = rule.owner or ruleset.owner, [person.id for person in home.people.people]
    if not owner:
        hint = "write `owner:` with an id of config/people.yaml, at the rule or at the top of the ruleset"
        yield Problem("no-owner", f"nobody answers for the rule {rule.id}", rule.place, hint)
    elif owner not in known and "config/people.yaml" not in home.faulty:
        message = f"there is no person `{owner}` in config/people.yaml{did_you_mean(owner, known)}"
        place = home.index.value(rule.place if rule.owner else ruleset.place, "owner")
        yield Problem("unknown-person", message, place, f"known: {', '.join(known) or 'none'}")


def _subject(home: Home, rule: Rule) -> Iterator[Problem]:
    if "config/model.yaml" in home.faulty or rule.for_ == "action":
        return
    entity, known = home.entity(rule.for_), home.model.entities
    if entity is None:
        message = f"`{rule.for_}` is no entity type of the model{did_you_mean(rule.for_, known)}"
        yield Problem("unknown-entity", message, home.index.value(rule.place, "for"), f"known: {', '.join(known)}")
        return
    for name in rule.set:
        place = home.index.key(rule.place, "set", name)
        field = entity.fields.get(name)
        if field is None:
            message = f"`{name}` is no field of {rule.for_}{did_you_mean(name, entity.fields)}"
            yield Problem("unknown-field", message, place, "declare it in config/model.yaml with `concluded`")
        elif not field.concluded:
            hint = f"give it `concluded: unique` in {field.place}"
            yield Problem("not-concluded", f"rules may not set {rule.for_}.{name}", place, hint)
    for name in rule.let:
        if name in entity.fields:
            message = f"`{name}` is a field of {rule.for_} already; `let` would hide it"
            yield Problem("hidden-field", message, home.index.key(rule.place, "let", name), "choose another name")


def _action(home: Home, ruleset: Ruleset, action: ActionSpec) -> Iterator[Problem]:
    if "config/sources.yaml" not in home.faulty:
        yield from _operation(home, action)
    policies = home.autonomy.policies
    if action.autonomy and action.autonomy not in policies and "config/autonomy.yaml" not in home.faulty:
        message = (
            f"there is no policy `{action.autonomy}` in config/autonomy.yaml{did_you_mean(action.autonomy, policies)}"
        )
        place = home.index.value(action.place, "autonomy")
        yield Problem("unknown-policy", message, place, f"known: {', '.join(policies) or 'none'}")
    if action.draft:
        file = prompt_file(ruleset.id, action.draft)
        if file not in home.prompts and file not in home.faulty:
            beside = [name.removeprefix(f"rules/{ruleset.id}/") for name in home.prompts if f"/{ruleset.id}/" in name]
            message = f"there is no prompt {file}{did_you_mean(action.draft, beside)}"
            place = home.index.value(action.place, "draft")
            yield Problem("unknown-prompt", message, place, f"known: {', '.join(beside) or 'none'}")


def _operation(home: Home, action: ActionSpec) -> Iterator[Problem]:
    name, _, operation = action.operation.partition(".")
    place = home.index.value(action.place, "operation")
    source, sources = home.sources.sources.get(name), home.sources.sources
    if source is None:
        message = f"there is no source `{name}` for the operation {action.operation}{did_you_mean(name, sources)}"
        yield Problem("unknown-source", message, place, f"known: {', '.join(sources) or 'none'}")
        return
    known = operations(source)
    if operation not in known:
        message = f"{name} has no operation `{operation}`{did_you_mean(operation, known)}"
        yield Problem("unknown-operation", message, place, f"known: {', '.join(known) or 'none'}")
        return
    if not source.write:
        hint = f"write `write: true` at {name} in config/sources.yaml, if it may be written to"
        yield Problem("read-only-source", f"{name} may only be read, {action.operation} writes", place, hint)
    yield from _payload(home, action, known[operation])


def operations(source: SourceSettings) -> dict[str, OperationSettings]:
    """Return the operations of a source: those it declares and those its connector brings along."""
    return {**BUILT_IN.get(source.connector, {}), **source.operations}


def _payload(home: Home, action: ActionSpec, operation: OperationSettings) -> Iterator[Problem]:
    if not operation.fields:
        return
    drafted = {operation.body, "subject"} if action.draft else set()
    for name in action.with_:
        if name not in operation.fields:
            message = f"`{name}` is no input of {action.operation}{did_you_mean(name, operation.fields)}"
            place = home.index.key(action.place, "with", name)
            yield Problem("unknown-input", message, place, f"known: {', '.join(operation.fields)}")
    for name, required in operation.fields.items():
        if required and name not in action.with_ and name not in drafted:
            hint = f"write {name}: FEEL under `with`" + (
                ", or give the action a `draft`" if name == operation.body else ""
            )
            yield Problem("missing-input", f"{action.operation} needs the input `{name}`", action.place, hint)
