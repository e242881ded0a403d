"""A prompt file: what a model is told, the slots it writes around, and the template that needs no model."""

from collections.abc import Mapping

import msgspec

from approvals.drafting.slots import broken, names
from engine.source.expression import Expression
from engine.source.problem import Place, Problem


class Prompt(msgspec.Struct, frozen=True, kw_only=True):
    """One of prompts/*.md; `slots`, `quoted` and `language` are FEEL over the subject at proposal time."""

    name: str
    templates: Mapping[str, str]
    subjects: Mapping[str, str] = {}
    slots: Mapping[str, Expression] = {}
    quoted: Mapping[str, Expression] = {}
    language: Expression | None = None
    instructions: str = ""
    max_words: int = 200
    forbidden: tuple[str, ...] = ()
    place: Place = Place("")

    def spoken(self, wanted: str, fallback: str) -> str:
        """Return the language to write in: the wanted one if there is a template for it."""
        short = wanted.lower().partition("-")[0]
        return next((each for each in (short, fallback) if each in self.templates), next(iter(self.templates), ""))

    def subject(self, language: str) -> str:
        """Return the subject line with its slots; "" when the prompt has none."""
        return self.subjects.get(language, self.subjects.get("", ""))

    def required(self, language: str) -> frozenset[str]:
        """Return the slots that a text in this language must use: those of its template's body."""
        return frozenset(names(self.templates[language]))

    def words(self, language: str) -> str:
        """Return all that the company itself wrote in this language."""
        return f"{self.subject(language)}\n{self.templates[language]}"


def problems(prompt: Prompt) -> tuple[Problem, ...]:
    """Return what is wrong with a prompt file before anything is drafted with it."""
    found = [] if prompt.templates else [Problem("no-template", f"{prompt.name} has no `## template`", prompt.place)]
    for language, text in prompt.templates.items():
        whole = f"{prompt.subject(language)}\n{text}"
        if broken(whole):
            found.append(Problem("broken-slot", f"a brace in template {language} opens no slot", prompt.place))
        found += [
            Problem("unknown-slot", f"template {language} uses {{{name}}}", prompt.place, f"slots: {_list(prompt)}")
            for name in sorted(set(names(whole)) - set(prompt.slots))
        ]
    return tuple(found)


def _list(prompt: Prompt) -> str:
    return ", ".join(prompt.slots) or "none"
