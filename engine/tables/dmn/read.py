"""From XML to a model."""

from collections.abc import Callable, Iterator, Mapping
from typing import Literal as OneOf
from typing import cast
from xml.etree.ElementTree import Element

from engine.source.expression import Expression
from engine.source.problem import Place
from engine.tables.dmn.structs import (
    Boxed,
    Conditional,
    ContextLogic,
    Decision,
    Definitions,
    FilterLogic,
    FunctionLogic,
    InputData,
    Invocation,
    ItemDefinition,
    Iteration,
    Knowledge,
    ListLogic,
    Literal,
    Relation,
    Service,
    TableLogic,
    Variable,
)
from engine.tables.dmn.xml import DmnError, parse_xml
from engine.tables.structs import POLICIES, InputClause, OutputClause, Row, Table

FEEL_LANGUAGES = ("feel", "")
_CARRIED = {"itemDefinition", "inputData", "decision", "businessKnowledgeModel", "decisionService"}
_SILENT = {
    *("DMNDI", "extensionElements", "description", "textAnnotation", "association", "group", "elementCollection"),
    *("organizationUnit", "performanceIndicator", "artifact"),
}


def read_dmn(content: bytes) -> Definitions:
    """Return the model of a DMN file, version 1.1 to 1.5; raises DmnError."""
    root = parse_xml(content)
    language = root.get("expressionLanguage", "")
    reading = _Reading(language)
    try:
        return reading.definitions(root)
    except RecursionError:
        raise DmnError("the file is nested too deeply") from None


def name_of(text: str | None) -> str:
    """Return a name with single spaces, as FEEL compares names."""
    return " ".join((text or "").split())


def _local(reference: str | None) -> str:
    """Return what a type reference or href names, without prefix and namespace."""
    text = (reference or "").strip()
    if "#" in text:
        return text.rpartition("#")[2]
    if text.startswith("{"):
        return text.rpartition("}")[2]
    return name_of(text.partition(":")[2] if ":" in text else text)


def _text(element: Element | None) -> str:
    found = element.find("text") if element is not None else None
    return (found.text or "").strip() if found is not None else ""


class _Reading:
    def __init__(self, language: str) -> None:
        self.language = language

    def definitions(self, root: Element) -> Definitions:
        left = [
            f"`{child.tag}` {child.get('name') or child.get('id') or ''}".strip()
            for child in root
            if child.tag not in _CARRIED | _SILENT
        ]
        return Definitions(
            name=name_of(root.get("name")) or "model",
            items={each.name: each for each in map(self.item, root.findall("itemDefinition"))},
            inputs={each.id: each for each in map(self.input_data, root.findall("inputData"))},
            decisions={each.id: each for each in map(self.decision, root.findall("decision"))},
            knowledge={each.id: each for each in map(self.knowledge, root.findall("businessKnowledgeModel"))},
            services={each.id: each for each in map(self.service, root.findall("decisionService"))},
            left_out=tuple(left),
        )

    # --- the elements of the graph ------------------------------------------------------------------------------

    def item(self, element: Element) -> ItemDefinition:
        type_ref, function = element.find("typeRef"), element.find("functionItem")
        return ItemDefinition(
            name=name_of(element.get("name")),
            type_ref=_local(type_ref.text if type_ref is not None else element.get("typeRef")),
            allowed=_text(element.find("allowedValues")),
            constraint=_text(element.find("typeConstraint")),
            collection=element.get("isCollection", "false").strip() in ("true", "1"),
            components=tuple(map(self.item, element.findall("itemComponent"))),
            function=None
            if function is None
            else (
                tuple(_local(each.get("typeRef")) for each in function.findall("parameters")),
                _local(function.get("outputTypeRef")),
            ),
        )

    def input_data(self, element: Element) -> InputData:
        return InputData(id=_id(element), variable=_variable(element))

    def decision(self, element: Element) -> Decision:
        body = self.body(element)
        aliases: tuple[str, ...] = ()
        if element.find("variable") is None:  # some modelers bind the result by its id or by the table's outputs
            outputs = body.table.outputs if isinstance(body, TableLogic) else ()
            aliases = (_id(element), *(each.name for each in outputs[:1] if len(outputs) == 1 and each.name))
        return Decision(
            id=_id(element),
            name=name_of(element.get("name")),
            variable=_variable(element),
            body=body,
            inputs=_references(element, "informationRequirement", "requiredInput"),
            decisions=_references(element, "informationRequirement", "requiredDecision"),
            knowledge=_references(element, "knowledgeRequirement", "requiredKnowledge"),
            aliases=aliases,
        )

    def knowledge(self, element: Element) -> Knowledge:
        logic = element.find("encapsulatedLogic")
        nothing = FunctionLogic(parameters=(), body=Literal(text=""))
        return Knowledge(
            id=_id(element),
            name=name_of(element.get("name")),
            variable=_variable(element),
            function=self.function(logic) if logic is not None else nothing,
            knowledge=_references(element, "knowledgeRequirement", "requiredKnowledge"),
        )

    def service(self, element: Element) -> Service:
        def named(tag: str) -> tuple[str, ...]:
            return tuple(_local(each.get("href")) for each in element.findall(tag))

        return Service(
            id=_id(element),
            name=name_of(element.get("name")),
            variable=_variable(element),
            outputs=named("outputDecision"),
            input_data=named("inputData"),
            input_decisions=named("inputDecision"),
        )

    # --- boxed expressions --------------------------------------------------------------------------------------

    def body(self, element: Element) -> Boxed | None:
        """Return the first boxed expression directly below an element."""
        return next((self.boxed(child) for child in element if child.tag in _BOXES), None)

    def needed(self, element: Element | None) -> Boxed:
        """Return the boxed expression below an element, null when there is none."""
        return (self.body(element) if element is not None else None) or Literal(text="")

    def boxed(self, element: Element) -> Boxed:
        return _BOXES[element.tag](self, element)

    def literal(self, element: Element) -> Literal:
        language = element.get("expressionLanguage", self.language).lower()
        plain = "feel" if "feel" in language or "omg.org/spec/dmn" in language else language
        if element.find("importedValues") is not None:
            plain = "imported values"
        return Literal(text=_text(element), language=plain, type_ref=_type(element))

    def context(self, element: Element) -> ContextLogic:
        entries = tuple((_variable_of(each), self.needed(each)) for each in element.findall("contextEntry"))
        return ContextLogic(entries=entries, type_ref=_type(element))

    def invocation(self, element: Element) -> Invocation:
        bindings = []
        for each in element.findall("binding"):
            parameter = each.find("parameter")
            if parameter is not None:
                bindings.append((Variable(name_of(parameter.get("name")), _type(parameter)), self.needed(each)))
        return Invocation(function=self.needed(element), bindings=tuple(bindings), type_ref=_type(element))

    def list(self, element: Element) -> ListLogic:
        items = tuple(self.boxed(child) for child in element if child.tag in _BOXES)
        return ListLogic(items=items, type_ref=_type(element))

    def relation(self, element: Element) -> Relation:
        columns = tuple(Variable(name_of(each.get("name")), _type(each)) for each in element.findall("column"))
        rows = tuple(tuple(self.boxed(cell) for cell in row if cell.tag in _BOXES) for row in element.findall("row"))
        return Relation(columns=columns, rows=rows, type_ref=_type(element))

    def function(self, element: Element) -> FunctionLogic:
        parameters = tuple(Variable(name_of(p.get("name")), _type(p)) for p in element.findall("formalParameter"))
        kind = element.get("kind", "FEEL").upper()
        return FunctionLogic(parameters=parameters, body=self.needed(element), kind=kind, type_ref=_type(element))

    def conditional(self, element: Element) -> Conditional:
        parts = (self.needed(element.find(tag)) for tag in ("if", "then", "else"))
        condition, yes, no = parts
        return Conditional(condition=condition, yes=yes, no=no, type_ref=_type(element))

    def filter(self, element: Element) -> FilterLogic:
        source, match = self.needed(element.find("in")), self.needed(element.find("match"))
        return FilterLogic(source=source, match=match, type_ref=_type(element))

    def iteration(self, element: Element) -> Iteration:
        kind = cast("OneOf['for', 'some', 'every']", element.tag)
        body = self.needed(element.find("return" if kind == "for" else "satisfies"))
        variable = name_of(element.get("iteratorVariable"))
        source = self.needed(element.find("in"))
        return Iteration(kind=kind, variable=variable, source=source, body=body, type_ref=_type(element))

    def table(self, element: Element) -> TableLogic:
        outputs = element.findall("output")
        policy = name_of(element.get("hitPolicy")) or "UNIQUE"
        aggregation = element.get("aggregation")
        policy = f"COLLECT {aggregation}" if policy == "COLLECT" and aggregation else policy
        if policy not in POLICIES:
            raise DmnError(f"`{policy}` is no hit policy")
        inputs = element.findall("input")
        table = Table(
            hit=POLICIES[policy],
            inputs=tuple(map(_input, inputs)),
            outputs=tuple(map(_output, outputs)),
            rows=tuple(
                _row(rule, number, len(inputs), len(outputs)) for number, rule in enumerate(element.findall("rule"))
            ),
        )
        return TableLogic(
            table=table,
            input_types=tuple(_type(each.find("inputExpression")) for each in inputs),
            output_types=tuple(_type(each) for each in outputs),
            type_ref=_type(element),
        )


_BOXES: Mapping[str, Callable[[_Reading, Element], Boxed]] = {
    "literalExpression": _Reading.literal,
    "decisionTable": _Reading.table,
    "context": _Reading.context,
    "invocation": _Reading.invocation,
    "list": _Reading.list,
    "relation": _Reading.relation,
    "functionDefinition": _Reading.function,
    "conditional": _Reading.conditional,
    "filter": _Reading.filter,
    "for": _Reading.iteration,
    "some": _Reading.iteration,
    "every": _Reading.iteration,
}


def _id(element: Element) -> str:
    return element.get("id") or name_of(element.get("name"))


def _type(element: Element | None) -> str:
    return "" if element is None else _local(element.get("typeRef"))


def _variable_of(element: Element) -> Variable | None:
    variable = element.find("variable")
    return None if variable is None else Variable(name_of(variable.get("name")), _type(variable))


def _variable(element: Element) -> Variable:
    """Return the variable of an element of the graph; its name is the element's."""
    found = _variable_of(element)
    own = name_of(element.get("name"))
    return Variable(found.name or own, found.type_ref) if found else Variable(own)


def _references(element: Element, requirement: str, tag: str) -> tuple[str, ...]:
    found = (each for outer in element.findall(requirement) for each in outer.findall(tag))
    return tuple(_local(each.get("href")) for each in found)


def _feel(text: str, where: str) -> Expression:
    return Expression(text, Place(where))


def _input(element: Element) -> InputClause:
    expression = element.find("inputExpression")
    text = _text(expression) or name_of(element.get("inputVariable")) or name_of(element.get("label"))
    values = _text(element.find("inputValues"))
    tests = (_feel(values, "the values of an input"),) if values else ()
    return InputClause(expression=_feel(text, f"the input `{text}`"), values=tests)


def _output(element: Element) -> OutputClause:
    values, default = _text(element.find("outputValues")), _text(element.find("defaultOutputEntry"))
    return OutputClause(
        name=name_of(element.get("name")),
        values=(_feel(values, "the values of an output"),) if values else (),
        default=_feel(default, "a default") if default else None,
    )


def _row(rule: Element, number: int, inputs: int, outputs: int) -> Row:
    def cells(tag: str, width: int, filler: str) -> Iterator[Expression]:
        found = [_text(each) for each in rule.findall(tag)]
        yield from (_feel(text, f"row {number + 1}") for text in (*found, *[filler] * (width - len(found))))

    notes = [_text(each) for each in rule.findall("annotationEntry")] + [
        (each.text or "").strip() for each in rule.findall("description")
    ]
    return Row(
        when=tuple(cells("inputEntry", inputs, "-")),
        then=tuple(cells("outputEntry", outputs, "null")),
        note=" ".join(note for note in notes if note),
    )
