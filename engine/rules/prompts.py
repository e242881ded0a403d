"""Prompts as rules/*/prompts/*.md states them: front matter in YAML, then instructions and templates."""

import re
from collections.abc import Mapping
from typing import Literal

import msgspec

from engine.source.convert import convert
from engine.source.excerpt import excerpt
from engine.source.expression import Expression, Spot
from engine.source.kinds import FieldName, Language, Literals
from engine.source.parsing import parse_yaml
from engine.source.problem import Place, Problem
from engine.source.text import decode


class FrontMatter(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What stands between the two `---` lines of a prompt."""

    format: Literal[1] = 1
    """The version of this file's form."""
    language: Expression | None = None
    """The language to write in, over the subject; without it the company's."""
    languages: tuple[Language, ...] = ()
    """The languages there is a template for; the first is used when the wanted one is missing."""
    slots: dict[FieldName, Expression] = {}
    """The facts that the text may name, over the subject; filled in after the words are written."""
    quoted: dict[FieldName, Expression] = {}
    """Customer text that the writer may see as data."""
    max_words: int = 200
    """The longest text that is accepted."""
    forbidden: tuple[str, ...] = ()
    """Words that must not occur."""
    subject: Literals | dict[Language, Literals] | None = None
    """The subject line, for all languages or for each."""
    place: Place = Place("")


class Prompt(msgspec.Struct, frozen=True, kw_only=True):
    """One prompt, read: `templates` are the deterministic texts by language, with slots in braces."""

    file: str
    front: FrontMatter
    instructions: str = ""
    templates: Mapping[str, Expression] = {}


_FENCE = re.compile(r"^---[ ]*$", re.MULTILINE)
_HEADING = re.compile(r"^##[ ]+(?P<title>.+?)[ ]*$", re.MULTILINE)
_TEMPLATE = re.compile(r"template(?:\s+(?P<language>\S+))?")


def read_prompt(content: bytes, file: str) -> tuple[Prompt | None, str, list[Problem]]:
    """Return the prompt, its text, and all its faults."""
    text, problems = decode(content, file)
    if problems:
        return None, text, problems
    fences = [fence.span() for fence in _FENCE.finditer(text)][:2]
    if len(fences) < 2 or fences[0][0] != 0:
        message = "a prompt starts with its front matter between two lines of `---`"
        place = Place(file, 1, 1)
        return None, text, [Problem("front-matter", message, place, "see docs/reference/keys.md", excerpt(text, place))]
    front_text = "\n" + text[fences[0][1] + 1 : fences[1][0]]
    front, faults = convert(parse_yaml(front_text, file), FrontMatter)
    instructions, templates, body_faults = _body(text, fences[1][1], file)
    problems = [*faults, *body_faults]
    if front is None:
        return None, text, problems
    problems += _missing(front, templates, file)
    return Prompt(file=file, front=front, instructions=instructions, templates=templates), text, problems


def _missing(front: FrontMatter, templates: Mapping[str, Expression], file: str) -> list[Problem]:
    place = front.place
    if not templates:
        hint = "write `## template en` and the text below it; it is used when no model answers"
        return [Problem("no-template", "the prompt has no template", Place(file, 1, 1), hint)]
    missing = [language for language in front.languages if language not in templates]
    return [
        Problem("no-template", f"there is no template for `{each}`", place, f"write `## template {each}` and the text")
        for each in missing
    ]


def _body(text: str, start: int, file: str) -> tuple[str, dict[str, Expression], list[Problem]]:
    """Cut what follows the front matter at its headings."""
    instructions, templates, problems = "", {}, []
    headings = list(_HEADING.finditer(text, start))
    for number, heading in enumerate(headings):
        end = headings[number + 1].start() if number + 1 < len(headings) else len(text)
        place = Place(file, text.count("\n", 0, heading.start()) + 1, 1)
        if heading["title"] == "instructions":
            instructions = text[heading.end() : end].strip()
        elif template := _TEMPLATE.fullmatch(heading["title"]):
            templates[template["language"] or "en"] = _section(text, heading.end(), end, file)
        else:
            hint = "known: `## instructions` and `## template LANGUAGE`; other headings start with one or three `#`"
            message = f"`{heading['title']}` is no part of a prompt"
            problems.append(Problem("unknown-heading", message, place, hint, excerpt(text, place)))
    return instructions, templates, problems


def _section(text: str, start: int, end: int, file: str) -> Expression:
    body = text[start:end]
    content = body.strip()
    begin = start + body.index(content) if content else start
    line = text.count("\n", 0, begin) + 1
    column = begin - (text.rfind("\n", 0, begin) + 1) + 1
    spots: list[Spot] = [(0, line, column)]
    offset = content.find("\n") + 1
    while offset:
        spots.append((offset, spots[-1][1] + 1, 1))
        offset = content.find("\n", offset) + 1
    return Expression(content, Place(file, line, column), tuple(spots))
