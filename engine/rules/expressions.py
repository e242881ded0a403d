"""Checks every FEEL expression of a home against the types of the model."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field

import msgspec

from engine.feel import FeelError, HostFunction, Program, Type, compile, parse
from engine.feel.types import ANY, BOOLEAN, DATE, NULL, NUMBER, STRING, ContextType, ListType, MoneyType, conforms
from engine.model import faults
from engine.model.structs import Field
from engine.model.types import collections, context_types, entity_in, field_type, with_actions
from engine.rules.figures import Kpi
from engine.rules.home import Home, prompt_file
from engine.rules.prompts import Prompt
from engine.rules.reading import ReadSpec
from engine.rules.slots import parts
from engine.rules.structs import ActionSpec, Rule, Ruleset
from engine.source.excerpt import did_you_mean, pointed
from engine.source.expression import Expression
from engine.source.problem import Problem

Functions = Mapping[str, HostFunction]
Types = Mapping[str, Type]


@dataclass(frozen=True, slots=True)
class Analysis:
    """What the expressions of a home tell: their faults, and which (entity type, field) pairs they read.

    `readers` names who reads each: a rule, a derived field, a reading of texts.
    """

    problems: tuple[Problem, ...]
    reads: frozenset[tuple[str, str]]
    readers: Mapping[tuple[str, str], frozenset[str]] = field(default_factory=dict)


def check_expressions(home: Home, functions: Functions | None = None) -> list[Problem]:
    """Return every fault of FEEL in model, rules and prompts; `functions` are those the engine offers to them.

    With a faulty model only the syntax is checked, for nothing can be said of names.
    """
    return list(analyse(home, functions).problems)


def analyse(home: Home, functions: Functions | None = None) -> Analysis:
    """Check all expressions; also tells which fields they read."""
    checking = _Checking(home, functions or {})
    checking.model()
    for ruleset in home.rulesets.values():
        for step in ruleset.read:
            checking.reading(step)
        for kpi in ruleset.kpi:
            checking.figure(kpi)
        for rule in ruleset.rules:
            checking.rule(ruleset, rule)
    readers = {slot: frozenset(names) for slot, names in checking.readers.items()}
    return Analysis(tuple(checking.problems), frozenset(checking.readers), readers)


@dataclass
class _Checking:
    """A home while its expressions are checked."""

    home: Home
    functions: Functions
    problems: list[Problem] = field(default_factory=list)
    readers: dict[tuple[str, str], set[str]] = field(default_factory=dict)
    reader: str = ""
    checked: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    """The entity types that each prompt was checked for."""

    def __post_init__(self) -> None:
        self.typed = "config/model.yaml" not in self.home.faulty
        model = with_actions(self.home.model)
        self.contexts = context_types(model)
        self.names = {
            name: (*entity.fields, *collections(model)[name], "id") for name, entity in model.entities.items()
        }

        self.drafting = defaultdict[str, set[str]](set)
        for ruleset in self.home.rulesets.values():
            for rule in ruleset.rules:
                for action in rule.do:
                    self.drafting[prompt_file(ruleset.id, action.draft or "")].add(rule.for_)

    # --- what there is to check -------------------------------------------------------------------------------

    def model(self) -> None:
        for name, entity in self.home.model.entities.items():
            if entity.rates is not None:
                held = entity.rates
                for field in (held.base, held.quote, held.on, held.rate):
                    self.readers.setdefault((name, field), set()).add("in currency")
            for field_name, declared in entity.fields.items():
                self.reader = f"{name}.{field_name}"
                for expression in (declared.derived, declared.default):
                    if expression is not None:
                        self.fitting(expression, name, declared, {})

    def reading(self, step: ReadSpec) -> None:
        self.reader = f"the reading of {step.of}"
        self.typed_as(step.text, step.of, {}, STRING, "`text`")
        if step.when is not None:
            self.condition(step.when, step.of, {}, "`when`")

    def figure(self, kpi: Kpi) -> None:
        self.reader = f"the figure {kpi.id}"
        if kpi.when is not None:
            self.condition(kpi.when, kpi.of, {}, "`when`")
        found = self.expression(kpi.value, kpi.of, {})
        if found is not None and not (fits(found, NUMBER) or fits(found, BOOLEAN)):
            message = f"`value` needs a number, or a yes or no, this gives {_article(found)}"
            self.add(Problem("feel-type", message, kpi.value.place))
        self.typed_as(kpi.at, kpi.of, {}, DATE, "`at`")

    def rule(self, ruleset: Ruleset, rule: Rule) -> None:
        subject, lets = rule.for_, dict[str, Type]()
        self.reader = f"{ruleset.id}/{rule.id}"
        for name, value in rule.let.items():
            lets[name] = self.expression(value, subject, lets) or ANY
        self.condition(rule.when, subject, lets, "`when`")
        entity = self.home.entity(subject)
        for name, value in rule.set.items():
            declared = entity.fields.get(name) if entity else None
            self.fitting(value, subject, declared or Field(type="any"), lets, entities=False)
        if rule.because:
            self.template(rule.because, subject, lets)
        for action in rule.do:
            self.action(ruleset, subject, lets, action)

    def action(self, ruleset: Ruleset, subject: str, lets: Types, action: ActionSpec) -> None:
        for value in action.with_.values():
            values = [value] if isinstance(value, Expression) else value.values() if isinstance(value, dict) else value
            for each in values:
                self.expression(each, subject, lets)
        if action.while_:
            self.condition(action.while_, subject, lets, "`while`")
        for outcome in action.outcome.watched if action.outcome else ():
            if outcome:
                self.condition(outcome, subject, {}, "an outcome")
        policy = self.home.autonomy.policies.get(action.autonomy or self.home.autonomy.default or "")
        if policy and policy.hours and policy.hours.zone:
            self.typed_as(policy.hours.zone, subject, {}, STRING, "`zone`")
        file = prompt_file(ruleset.id, action.draft or "")
        prompt = self.home.prompts.get(file)
        if prompt and subject not in self.checked[file]:
            self.checked[file].add(subject)
            self.prompt(prompt, subject)

    def prompt(self, prompt: Prompt, subject: str) -> None:
        """Check a prompt for one more entity type; of more than one the fault says for which rule it is one."""
        front, before = prompt.front, len(self.problems)
        if front.language:
            self.typed_as(front.language, subject, {}, STRING, "`language`")
        for value in (*front.slots.values(), *front.quoted.values()):
            self.expression(value, subject, {})
        if len(self.drafting[prompt.file]) > 1:
            self.problems[before:] = [
                msgspec.structs.replace(each, message=f"{each.message} (for {subject}, rule {self.reader})")
                for each in self.problems[before:]
            ]
        if len(self.checked[prompt.file]) == 1:
            self.texts(prompt)

    def texts(self, prompt: Prompt) -> None:
        """Check what is the same whatever the prompt is used for."""
        front = prompt.front
        subjects = front.subject.values() if isinstance(front.subject, dict) else [front.subject]
        for text in (*subjects, *prompt.templates.values()):
            if text:
                self.slots(prompt, text)

    def slots(self, prompt: Prompt, text: Expression) -> None:
        """Check that the braces of a template hold names of slots."""
        found, problems = parts(text)
        for problem in problems:
            self.add(problem)
        known = prompt.front.slots
        for part in found:
            name = part.text.strip() if isinstance(part, Expression) else ""
            if isinstance(part, Expression) and name not in known:
                message = f"`{{{name}}}` is no slot of this prompt{did_you_mean(name, known)}"
                hint = f"known: {', '.join(known) or 'none'}; slots are declared under `slots`"
                self.add(Problem("unknown-slot", message, part.place, hint), len(name))

    def template(self, text: Expression, subject: str, lets: Types) -> None:
        """Check the FEEL in the braces of a text."""
        found, problems = parts(text)
        for problem in problems:
            self.add(problem)
        for part in found:
            if isinstance(part, Expression):
                self.expression(part, subject, lets)

    # --- how it is checked ------------------------------------------------------------------------------------

    def expression(self, expression: Expression, subject: str, lets: Types) -> Type | None:
        """Return the type of an expression, None when it has faults or its subject is unknown."""
        context = self.contexts.get(subject) if self.typed else None
        source = self.home.texts.get(expression.place.file, "")
        try:
            if context is None:
                names = {name for known in self.names.values() for name in known}
                parse(expression.text, names={*names, *lets, *self.functions})
                return None
            program: Program = compile(expression.text, {**context.fields, **lets}, functions=self.functions)
        except FeelError as error:
            scope = {subject: (*self.names.get(subject, ()), *lets)}
            known = {**scope, **{name: fields for name, fields in self.names.items() if name != subject}}
            self.problems += faults.problems(error, expression, source, known)
            return None
        for path in program.reads:
            self.follow(context, path)
        return program.type

    def follow(self, start: Type, path: tuple[str, ...]) -> None:
        """Note the fields along a path; lists are transparent in it."""
        kind = start
        for name in path:
            while isinstance(kind, ListType):
                kind = kind.element
            if not isinstance(kind, ContextType) or name not in kind.fields:
                return
            self.readers.setdefault((kind.name, name), set()).add(self.reader)
            kind = kind.fields[name]

    def condition(self, expression: Expression, subject: str, lets: Types, what: str) -> None:
        self.typed_as(expression, subject, lets, BOOLEAN, what)

    def fitting(
        self, expression: Expression, subject: str, declared: Field, lets: Types, *, entities: bool = True
    ) -> None:
        """Check the value of a field: it has the field's type, and is one of its values when these are listed."""
        wanted = field_type(declared)
        if declared.concluded == "collect" and isinstance(wanted, ListType):
            wanted = wanted.element
        found = self.typed_as(expression, subject, lets, wanted, "the field", entities=entities)
        text = expression.text.strip()
        if found == STRING and declared.values and text.startswith('"') and text.endswith('"'):
            value = text[1:-1]
            if '"' not in value and value not in declared.values:
                message = f'"{value}" is no value of this field{did_you_mean(value, declared.values)}'
                self.add(
                    Problem("bad-value", message, expression.place, f"values: {', '.join(declared.values)}"), len(text)
                )

    def typed_as(
        self, expression: Expression, subject: str, lets: Types, wanted: Type, what: str, *, entities: bool = True
    ) -> Type | None:
        """Check what an expression gives; without `entities` it may not contain one, whatever type is wanted."""
        found = self.expression(expression, subject, lets)
        if found is None:
            return None
        fitting, held = fits(found, wanted), entity_in(found)
        if fitting and (entities or not held):
            return found
        message = f"{what} needs a {'value' if fitting else wanted}, this gives {_article(found)}"
        hint = _entity_hint(expression.text.strip(), held) if held and wanted != BOOLEAN else _hint(wanted)
        self.add(Problem("feel-type", message, expression.place, hint), len(expression.text.split("\n")[0]))
        return found

    def add(self, problem: Problem, length: int = 1) -> None:
        place = problem.place
        self.problems.append(pointed(problem, self.home.texts.get(place.file, ""), length) if place else problem)


def fits(found: Type, wanted: Type) -> bool:
    """Whether a value of type `found` may be of type `wanted`; an unknown type may be anything."""
    if found in (ANY, NULL) or conforms(found, wanted):
        return True
    if isinstance(found, MoneyType) and isinstance(wanted, MoneyType):
        return None in (found.currency, wanted.currency)
    if isinstance(found, ListType) and isinstance(wanted, ListType):
        return fits(found.element, wanted.element)
    return False


def _article(found: Type) -> str:
    word = str(found)
    return f"{'an' if word[0] in 'aeiouA' else 'a'} {word}"


def _hint(wanted: Type) -> str:
    return 'compare it with something, such as `... > 0` or `... = "open"`' if wanted == BOOLEAN else ""


def _entity_hint(text: str, type: str) -> str:
    named = text if text.replace(".", "").isidentifier() else type
    return f"name the field of the {type} that is meant, such as `{named}.id`"
