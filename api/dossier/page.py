"""Renders a dossier as one HTML page without scripts, links or anything from elsewhere."""

from collections.abc import Mapping
from typing import Any

import msgspec
from jinja2 import Environment, PackageLoader, StrictUndefined

from api.prooftext import proof_lines
from api.render import plain
from api.speech.states import state_words
from api.views import Dossier, DossierEntry
from api.words import Words


def page(dossier: Dossier, company: str, words: Words) -> str:
    """Return the page in the language of the words, times in their zone; what was written stays as it was."""
    action = dossier.action
    environment = Environment(
        loader=PackageLoader("api.dossier", "."),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["moment"] = lambda at: (
        at.astimezone(words.forms.zone).strftime("%Y-%m-%d %H:%M:%S %Z") if at else "-"
    )
    environment.filters["shown"] = _shown
    return environment.get_template("dossier.html").render(
        dossier=dossier,
        action=action,
        company=company,
        words=words,
        _=words.say,
        state=lambda name: state_words(words).get(name, name),
        consequence=_consequence(action.consequence, words),
        proof="\n".join(proof_lines(words.proof(action.proof), words, action.created_at, None)),
        verdicts=_of(dossier, "verdict"),
        receipts=_of(dossier, "receipt"),
        denials=_of(dossier, "denied"),
    )


def _consequence(name: str, words: Words) -> str:
    say = words.say
    told = {
        "none": say("none"), "low": say("low consequence"), "medium": say("medium consequence"),
        "high": say("high consequence"),
    }  # fmt: skip
    return told.get(name, name)


def _of(dossier: Dossier, kind: str) -> list[DossierEntry]:
    return [entry for entry in dossier.entries if entry.kind == kind]


def _shown(value: Any) -> str:  # noqa: ANN401  (any value of a payload or an entry)
    if isinstance(value, str):
        return value
    if isinstance(value, Mapping) and not value:
        return "-"
    return msgspec.json.format(msgspec.json.encode(plain(value)), indent=2).decode()
