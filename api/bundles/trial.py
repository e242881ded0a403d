"""A bundle tried aside before it may rule: read, compiled, its examples run, its authors told from its approvers."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from email.utils import parseaddr

from api.checks import check_sources
from engine.bundles import Bundle
from engine.inference.rulebook import Rulebook
from engine.rules import Home, load_home
from engine.source import Memory
from engine.source.problem import ConfigError, Place, Problem
from evals.diff.semantic import bare, rules_of
from evals.examples import check


@dataclass(frozen=True, slots=True)
class Tried:
    """A bundle that passed: its home and its compiled rules."""

    bundle: Bundle
    home: Home
    rulebook: Rulebook


def attempt(bundle: Bundle, before: Rulebook | None = None) -> Tried | tuple[Problem, ...]:
    """Return the bundle ready to rule, or every reason why it may not; what it has in common with `before` is kept."""
    home = load_home(Memory(bundle.files))
    problems = [*home.problems, *check_sources(home)]
    if not problems and home.revision != bundle.manifest.revision:
        problems = [Problem("broken-bundle", "its files are not those of the revision that it names")]
    if problems:
        return tuple(problems)
    try:
        rulebook = Rulebook.of(home, before)
    except ConfigError as error:
        return error.problems
    return tuple(_failed(home, rulebook)) or Tried(bundle, home, rulebook)


def _failed(home: Home, rulebook: Rulebook) -> Iterator[Problem]:
    for workflow, examples in sorted(home.examples.items()):
        for example in examples.examples:
            for difference in check(home, rulebook, workflow, example).differences:
                yield Problem("example-failed", f"{workflow}: {example.name}: {difference}", example.place)


def unapproved(tried: Tried, present: Home, people: Iterable[str], *, versioned: bool) -> Iterator[Problem]:
    """Yield each changed rule for which nobody but its authors answers.

    `people` are the names and addresses of the one who activates it; who reviewed the commit answers too.
    `versioned`: the home is in git. Then a rule whose authors no commit tells was written by whoever made the bundle,
    and when that is not known either, nobody can answer for it; in a home without git whoever activates it does.
    """
    manifest = tried.bundle.manifest
    present_rules = rules_of(present)
    reviewers = {_address(each) for each in manifest.approvers} - {""}
    activates = {_address(each) for each in people} - {""}
    for name, rule in rules_of(tried.home).items():
        if name in present_rules and bare(present_rules[name]) == bare(rule):
            continue
        known = manifest.authors.get(name)
        if not known and not versioned:
            continue
        place = Place(rule.place.file, rule.place.line, rule.place.column)
        wrote = {_address(each) for each in (known or (manifest.author,))} - {""}
        if not wrote:
            hint = "build it from git (`opslayer bundle build --rev`), or let the server make it of its folder"
            yield Problem("unknown-author", f"nobody is known to have written rule {name}", place, hint)
        elif reviewers <= wrote and (not activates or activates & wrote):
            message = f"rule {name} was written by {', '.join(sorted(wrote))}, who cannot approve it as well"
            hint = "let another person review the commit (`Reviewed-by: Name <address>`) or activate the bundle"
            yield Problem("own-approval", message, place, hint)


def _address(person: str) -> str:
    return parseaddr(person)[1].casefold()
