"""YAML 1.2 to nodes with places, over ruamel.yaml's event stream; nothing in it can expand or construct objects."""

from collections.abc import Iterator
from dataclasses import replace

from ruamel.yaml import YAML, events
from ruamel.yaml.error import YAMLError

from engine.source.accidents import explain
from engine.source.excerpt import pointed
from engine.source.nodes import Document, Entries, Entry, Items, Node, Scalar
from engine.source.problem import Place, Problem
from engine.source.text import Lines, check, decode

MAX_DEPTH = 40
MAX_FAULTS = 50
"""Accidents, and besides what is not read, that are told of one file."""
MAX_READ = 3_000_000
"""Characters read in all, for a file is read anew after each accident."""


def parse_yaml(content: bytes | str, file: str) -> Document:
    """Read one YAML document; `content` is never trusted, every fault that can be found is in `problems`."""
    text, problems = (content, []) if isinstance(content, str) else decode(content, file)
    if problems or (problems := check(text, file)):
        return Document(file, text, None, tuple(problems))
    root: Node | None = None
    repaired, line = text, 0
    while len(problems) < min(MAX_FAULTS, 1 + MAX_READ // (len(text) + 1)):
        builder = _Builder(repaired, file)
        try:
            root = builder.build()
        except YAMLError as error:
            accident = explain(error, repaired, file)
            problems.append(accident.problem)
            place = accident.problem.place or Place(file)
            if not accident.repaired or place.line <= line:
                break
            repaired, line = accident.repaired, place.line
            continue
        seen = {problem.place.line for problem in problems if problem.place}
        problems += [fault for fault in builder.problems if fault.place is None or fault.place.line not in seen]
        break
    if root is None and not problems:
        hint = "every file starts with `format: 1`"
        problems = [Problem("empty-file", "this file is empty", Place(file), hint)]
    return Document(file, text, root, tuple(sorted((pointed(each, text) for each in problems), key=_order)))


def _order(problem: Problem) -> Place:
    return problem.place or Place("")


class _Builder:
    """Builds the nodes of one document and collects what YAML allows and configuration does not."""

    def __init__(self, text: str, file: str) -> None:
        self.text = text
        self.lines = Lines(text, file)
        self.problems: list[Problem] = []
        self.told: set[tuple[str, int]] = set()
        self.events: Iterator[events.Event] = iter(YAML(typ="safe", pure=True).parse(text))

    def build(self) -> Node | None:
        root: Node | None = None
        documents = 0
        for event in self.events:
            if isinstance(event, events.DocumentStartEvent):
                documents += 1
                if documents > 1:
                    self.fault("several-documents", "a second document starts here", event, "keep one file for each")
                    return root
                root = self.node(next(self.events), 0, in_flow=False)
        return root

    def node(self, event: events.Event, depth: int, *, in_flow: bool) -> Node:
        place = self.lines.place(event.start_mark.index)
        self.refuse_sharing(event)
        if depth > MAX_DEPTH:
            raise YAMLError(f"more than {MAX_DEPTH} levels inside each other")
        if isinstance(event, events.MappingStartEvent):
            return self.entries(place, depth, in_flow=bool(event.flow_style))
        if isinstance(event, events.SequenceStartEvent):
            flow, items = bool(event.flow_style), []
            while not isinstance(event := next(self.events), events.SequenceEndEvent):
                items.append(self.node(event, depth + 1, in_flow=flow))
            return Items(place, tuple(items), flow)
        if isinstance(event, events.ScalarEvent):
            return self.scalar(event, place, in_flow=in_flow)
        return Scalar("null", place)

    def entries(self, place: Place, depth: int, *, in_flow: bool) -> Entries:
        items: dict[str, Entry] = {}
        while not isinstance(event := next(self.events), events.MappingEndEvent):
            key = self.node(event, depth + 1, in_flow=in_flow)
            value = self.node(next(self.events), depth + 1, in_flow=in_flow)
            if isinstance(value, Scalar) and not value.text and not value.style:
                value = replace(value, place=key.place)
            if not isinstance(key, Scalar):
                self.fault("complex-key", "a key must be a single word or text", event, "write the key as text")
            elif key.text == "<<":
                self.fault("yaml-merge-key", "merge keys are not read", event, "write the keys out where they apply")
            elif key.text in items:
                first = items[key.text].key.place.line
                message = f"`{key.text}` stands here a second time; the first is on line {first}"
                self.fault("duplicate-key", message, event, "keep one of the two")
            else:
                items[key.text] = Entry(key, value)
        return Entries(place, items, in_flow)

    def scalar(self, event: events.ScalarEvent, place: Place, *, in_flow: bool) -> Scalar:
        style = event.style or ""
        start, end = event.start_mark.index, event.end_mark.index
        if in_flow and not style and _unbalanced(event.value):
            hint = "write it in block style: each key on its own line, without braces and commas; or in quotes"
            self.fault("flow-accident", "YAML cuts this at the comma inside the parentheses", event, hint)
        return Scalar(event.value, place, style, start, end, in_flow)

    def refuse_sharing(self, event: events.Event) -> None:
        if isinstance(event, events.AliasEvent):
            message = f"aliases (`*{getattr(event, 'anchor', '')}`) are not read"
            self.fault("yaml-alias", message, event, "write the value out here")
        elif anchor := getattr(event, "anchor", None):
            self.fault("yaml-anchor", f"anchors (`&{anchor}`) are not read", event, "delete it; write values out")
        tag = getattr(event, "tag", None)
        if tag is not None:
            self.fault(
                "yaml-tag", f"tags (`{tag}`) are not read", event, "delete it; a value that starts with `!` is quoted"
            )

    def fault(self, code: str, message: str, event: events.Event, hint: str) -> None:
        place = self.lines.place(event.start_mark.index)
        if (code, place.line) not in self.told and len(self.told) < MAX_FAULTS:
            self.told.add((code, place.line))
            self.problems.append(Problem(code, message, place, hint))


def _unbalanced(text: str) -> bool:
    return any(text.count(opening) != text.count(closing) for opening, closing in ("()", "[]"))
