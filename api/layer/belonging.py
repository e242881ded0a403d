"""Whose a journal entry is: a ruleset's, or the company's as what its systems tell."""

from collections.abc import Mapping, Sequence

from engine.ports import Reader, Stored

FACTS = frozenset({"record", "deleted", "merge", "split", "identity", "erasure"})
"""Kinds that tell of the company's records, which every ruleset reads."""
_MOST = 500


async def told_to(rulesets: frozenset[str] | None, entries: Sequence[Stored], reader: Reader) -> list[Stored]:
    """Return the entries that belong to any of the rulesets or to the company; all of them for None.

    What belongs to nobody known is left out.
    """
    if rulesets is None:
        return list(entries)
    ids = sorted({each[7:] for entry in entries for each in entry.subjects if each.startswith("action:")})
    known: dict[str, str] = {}
    for start in range(0, len(ids), _MOST):
        for action in await reader.outlines(ids=ids[start : start + _MOST], limit=_MOST):
            known[action.id] = action.key.ruleset
    return [each for each in entries if each.kind in FACTS or _ruleset(each, known) in rulesets]


def _ruleset(entry: Stored, actions: Mapping[str, str]) -> str:
    """Return the ruleset that an entry says it is of, or that its action, reading or rule is of; "" for none."""
    said = (entry.body or {}).get("ruleset")
    if isinstance(said, str):
        return said
    for subject in entry.subjects:
        kind, _, name = subject.partition(":")
        found = {"action": actions.get(name, ""), "rule": name.partition("/")[0], "reading": name.partition(".")[0]}
        if found.get(kind):
            return found[kind]
    return ""
