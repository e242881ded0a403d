"""What is remembered, told in the reader's language."""

from collections.abc import Callable, Mapping

from api.layer.telling import FIELD
from api.views import TimelineItem
from api.words import Words

Facts = Mapping[str, str]


def remembered(item: TimelineItem, words: Words, people: Mapping[str, str]) -> str:
    """Return an entry as a sentence; what has no sentence of its own is told as it is."""
    if item.erased:
        return words.say("Erased.")
    teller = _TELLERS.get(item.kind)
    return words.reason(teller(item.facts, words, people) if teller is not None and item.facts else item.text)


def _record(facts: Facts, words: Words, _people: Mapping[str, str]) -> str:
    told = (f"{words.label(name[len(FIELD) :])} {value}" for name, value in facts.items() if name.startswith(FIELD))
    fields = "; ".join(told) or words.say("nothing")
    return words.say("{record} says: {fields}", record=facts["record"], fields=fields)


def _deleted(facts: Facts, words: Words, _people: Mapping[str, str]) -> str:
    return words.say("{record} is gone", record=facts.get("record", ""))


def _decision(facts: Facts, words: Words, _people: Mapping[str, str]) -> str:
    say, named = words.say, {"rule": words.label(facts.get("rule", "")), "action": words.label(facts.get("action", ""))}
    return {
        "propose": say("The rule “{rule}” proposes: {action}", **named),
        "withdraw": say("The rule “{rule}” takes back: {action}", **named),
        "expire": say("What the rule “{rule}” proposed has expired: {action}", **named),
        "ask": say("The rule “{rule}” asks a person about: {action}", **named),
    }.get(facts.get("kind", ""), named["rule"])


def _action(facts: Facts, words: Words, _people: Mapping[str, str]) -> str:
    say, state = words.say, facts.get("state", "")
    told = {
        "pending": say("waits for approval"), "proposed": say("being prepared"), "approved": say("approved"),
        "scheduled": say("scheduled"), "sending": say("being sent"), "sent": say("sent"), "unknown": say("unclear"),
        "failed": say("failed"), "withdrawn": say("withdrawn"), "rejected": say("rejected"), "expired": say("expired"),
    }.get(state, state)  # fmt: skip
    told = words.capital(told)
    reason = facts.get("reason", "")
    reason = reason if state == "proposed" else words.told(reason)  # a proposal's is the rule's own
    return f"{told}: {reason}" if reason else told


def _verdict(facts: Facts, words: Words, people: Mapping[str, str]) -> str:
    say, by = words.say, people.get(facts.get("by", ""), facts.get("by", ""))
    word = facts.get("verdict") or facts.get("aftercare", "")
    told = {
        "approve": say("{by} approved it", by=by), "edit": say("{by} edited it", by=by),
        "reject": say("{by} rejected it", by=by), "delegate": say("{by} gave it to a colleague", by=by),
        "snooze": say("{by} put it off", by=by), "claimed": say("{by} looks after it", by=by),
        "commented": say("{by} left a remark", by=by), "happened": say("{by} says that it happened", by=by),
        "missed": say("{by} says that it did not happen", by=by), "retry": say("{by} lets it be tried again", by=by),
        "drop": say("{by} drops it", by=by),
    }.get(word, f"{by} {word}".strip())  # fmt: skip
    return f"{told}: {facts['reason']}" if facts.get("reason") else told


def _receipt(facts: Facts, words: Words, _people: Mapping[str, str]) -> str:
    say = words.say
    came = {
        "ok": say("The other system took it."), "rejected": say("The other system refused it."),
        "conflict": say("The record had moved."), "throttled": say("The other system asked to wait."),
        "unavailable": say("The other system could not be reached."),
        "deferred": say("The other system's limits left no room yet."), "uncertain": say("The answer never came."),
    }.get(facts.get("result", ""), facts.get("result", ""))  # fmt: skip
    told = f"{words.operation(facts['operation'])}: {came}" if facts.get("operation") else came
    return " ".join(part for part in (told, facts.get("reference", ""), words.told(facts.get("detail", ""))) if part)


def _identity(facts: Facts, words: Words, _people: Mapping[str, str]) -> str:
    say, two = words.say, {"left": facts.get("left", ""), "right": facts.get("right", "")}
    told = {
        "asked": say("{left} and {right} may be one: a person is asked", **two),
        "merged": say("{left} and {right} are one", **two), "different": say("{left} and {right} are two", **two),
        "split": say("{left} and {right} are two again", **two),
    }.get(facts.get("state", ""), "")  # fmt: skip
    return f"{told}: {words.told(facts['reason'])}" if facts.get("reason") else told


def _merge(facts: Facts, words: Words, _people: Mapping[str, str]) -> str:
    return words.say("{other} became part of {id}", **facts)


def _split(facts: Facts, words: Words, _people: Mapping[str, str]) -> str:
    return words.say("{other} is no part of {id} any more", **facts)


def _outcome(facts: Facts, words: Words, _people: Mapping[str, str]) -> str:
    say = words.say
    return {
        "good": say("It had the effect that the rule declares as good."),
        "bad": say("What the rule declares as a mistake was seen."),
        "open": say("Neither a good nor a bad end was seen in the time it was watched."),
    }.get(facts.get("result", ""), facts.get("result", ""))


_TELLERS: Mapping[str, Callable[[Facts, Words, Mapping[str, str]], str]] = {
    "record": _record, "deleted": _deleted, "decision": _decision, "action": _action, "verdict": _verdict,
    "receipt": _receipt, "identity": _identity, "outcome": _outcome, "merge": _merge,
    "split": _split,
}  # fmt: skip
