"""Looks from one file of a home into the others: whatever is named must exist."""

from collections.abc import Callable, Collection, Iterator

from engine.mapping import check_mapping
from engine.model.calendar import countries
from engine.model.check import check_model
from engine.rules.earningcheck import check_earning
from engine.rules.examplecheck import check_examples
from engine.rules.figures import check_figures
from engine.rules.home import Home
from engine.rules.reading import check_reading
from engine.rules.rulecheck import check_rulesets
from engine.settings.autonomy import Policy
from engine.settings.models import Route
from engine.settings.roles import WITHOUT_A_SAY, reached
from engine.source.excerpt import did_you_mean, pointed
from engine.source.problem import Place, Problem

MODEL, SOURCES, PEOPLE = "config/model.yaml", "config/sources.yaml", "config/people.yaml"
AUTONOMY, MODELS = "config/autonomy.yaml", "config/models.yaml"


def cross_check(home: Home) -> list[Problem]:
    """Return what is wrong between the files; a file that is itself faulty causes no further problems in others."""
    found = [problem for check in CHECKS for problem in check(home)]
    texts = home.texts
    return [pointed(each, texts.get(each.place.file, "")) if each.place else each for each in found]


def _model(home: Home) -> Iterator[Problem]:
    if MODEL not in home.faulty:
        yield from check_model(home.model, home.index)


def _country(home: Home) -> Iterator[Problem]:
    if home.app.holidays and home.app.holidays not in countries():
        place = home.index.value(home.app.place, "holidays")
        hint = "write the ISO 3166 code of a country that the `holidays` library knows, such as TR or DE"
        yield Problem("unknown-country", f"the holidays of `{home.app.holidays}` are not known", place, hint)


def _mappings(home: Home) -> Iterator[Problem]:
    seen: dict[str, str] = {}
    for file, mapping in home.mapping_files.items():
        first = seen.setdefault(mapping.source, file)
        if first != file:
            message = f"{first} maps the source {mapping.source} already"
            yield Problem(
                "duplicate-mapping", message, home.index.value(mapping.place, "source"), "put both into one file"
            )
        place = home.index.value(mapping.place, "source")
        source = home.sources.sources.get(mapping.source)
        if source is None and SOURCES not in home.faulty:
            yield unknown("source", mapping.source, home.sources.sources, place, SOURCES)
        if MODEL not in home.faulty:
            sound = source if SOURCES not in home.faulty else None
            text = home.texts.get(file, "")
            yield from check_mapping(mapping, home.model, sound, text, home.index, functions=home.functions)
        yield from _references(home, file)


def _references(home: Home, file: str) -> Iterator[Problem]:
    if SOURCES in home.faulty:
        return
    for mappings in home.mapping_files[file].streams.values():
        for mapping in mappings:
            for value in mapping.fields.values():
                name = value.source or home.mapping_files[file].source
                source = home.sources.sources.get(name)
                if value.source and source is None:
                    yield unknown(
                        "source", value.source, home.sources.sources, home.index.value(value.place, "source"), SOURCES
                    )
                elif value.stream and source is not None and value.stream not in source.told:
                    yield unknown(
                        f"stream of {name}",
                        value.stream,
                        source.told,
                        home.index.value(value.place, "stream"),
                        SOURCES,
                    )


def _people(home: Home) -> Iterator[Problem]:
    known = [person.id for person in home.people.people]
    for person in home.people.people:
        if known.count(person.id) > 1 and next(p for p in home.people.people if p.id == person.id) is not person:
            yield Problem(
                "duplicate-id",
                f"there are two persons `{person.id}`",
                home.index.value(person.place, "id"),
                "rename one of them",
            )
        if person.delegate == person.id:
            yield Problem(
                "self-delegate", f"{person.id} cannot be their own delegate", home.index.value(person.place, "delegate")
            )
        elif person.delegate and person.delegate not in known:
            yield unknown("person", person.delegate, known, home.index.value(person.place, "delegate"), PEOPLE)
        for ruleset in sorted(person.rulesets - set(home.rulesets)):
            if f"rules/{ruleset}/ruleset.yaml" not in home.faulty:
                yield unknown("ruleset", ruleset, home.rulesets, home.index.value(person.place, "rulesets"), "rules/")


def _autonomy(home: Home) -> Iterator[Problem]:
    policies, known = home.autonomy.policies, [person.id for person in home.people.people]
    if home.autonomy.default and home.autonomy.default not in policies and AUTONOMY not in home.faulty:
        yield unknown(
            "policy", home.autonomy.default, policies, home.index.value(home.autonomy.place, "default"), AUTONOMY
        )
    for name, policy in policies.items():
        yield from _quorum(home, name, policy)
        for person in sorted(policy.approvers.people - set(known)) if PEOPLE not in home.faulty else ():
            yield unknown("person", person, known, home.index.value(policy.place, "approvers", "people"), PEOPLE)
        escalation = policy.escalate
        for person in sorted(escalation.to - set(known)) if escalation and PEOPLE not in home.faulty else ():
            yield unknown("person", person, known, home.index.value(policy.place, "escalate", "to"), PEOPLE)
        if policy.ask and policy.ask.source not in home.sources.sources and SOURCES not in home.faulty:
            place = home.index.value(policy.place, "ask", "source")
            yield unknown("source", policy.ask.source, home.sources.sources, place, SOURCES)


def _quorum(home: Home, name: str, policy: Policy) -> Iterator[Problem]:
    """Yield a quorum of several that too few people reach; a single say may also be the local admin's."""
    people, approvers = home.people.people, policy.approvers
    misspelt = approvers.people - {person.id for person in people}  # told by itself, and who is meant might suffice
    if policy.quorum == 1 or not people or misspelt or not home.faulty.isdisjoint({PEOPLE, AUTONOMY}):
        return
    deciding = [person for person in people if WITHOUT_A_SAY not in person.roles]
    may = {each.id for each in deciding if each.id in approvers.people or reached(each.roles) & approvers.roles}
    if len(may) < policy.quorum:
        message = f"{name} asks for {policy.quorum} approvals, and {len(may)} of {PEOPLE} may approve"
        hint = f"lower `quorum`, or widen `approvers`; who may: {', '.join(sorted(may)) or 'nobody'}"
        yield Problem("quorum-out-of-reach", message, home.index.value(policy.place, "quorum"), hint)


def _models(home: Home) -> Iterator[Problem]:
    known = [*home.models.providers, "template"]
    for name, route in home.models.routes.items() if MODELS not in home.faulty else ():
        limited = isinstance(route, Route)
        for number, provider in enumerate(home.models.route(name).providers):
            if provider not in known:
                steps = (name, "providers", str(number)) if limited else (name, str(number))
                place = home.index.value(home.models.place, "routes", *steps)
                yield unknown("provider", provider, known, place, MODELS)


def unknown(what: str, name: str, known: Collection[str], place: Place, where: str) -> Problem:
    """Return the problem of a name that nothing in `where` has."""
    message = f"there is no {what} `{name}` in {where}{did_you_mean(name, known)}"
    code = f"unknown-{what.split(maxsplit=1)[0]}"
    return Problem(code, message, place, f"known: {', '.join(dict.fromkeys(known)) or 'none'}")


CHECKS: tuple[Callable[[Home], Iterator[Problem]], ...] = (
    _country,
    _model,
    _mappings,
    _people,
    _autonomy,
    check_earning,
    _models,
    check_rulesets,
    check_reading,
    check_figures,
    check_examples,
)
