"""Evaluates decisions of a DMN model with all that they require (DMN 1.5, 10.4)."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime

from engine.feel import Env, Function, Type, Value, to_value
from engine.feel.errors import LimitExceeded
from engine.feel.runtime.invoke import call_value
from engine.feel.types import ANY, FunctionType
from engine.source.excerpt import did_you_mean
from engine.tables.dmn.boxed import Boxing, Run
from engine.tables.dmn.read import name_of, read_dmn
from engine.tables.dmn.structs import (
    Boxed,
    ContextLogic,
    Decision,
    Definitions,
    Knowledge,
    Relation,
    Service,
    TableLogic,
)
from engine.tables.dmn.types import AT, Kinds, completed, fit
from engine.tables.dmn.xml import DmnError


def evaluate_model(xml: bytes, decision: str, inputs: Mapping[str, object]) -> Value:
    """Return the value of one decision, decision service or business knowledge model, by name or id.

    `inputs` are values by the names of the input data. What fails is null, as in FEEL. Raises DmnError for a file that
    is no DMN, a name that it does not have, and an input that is no FEEL value.
    """
    return Model(read_dmn(xml)).evaluate(decision, inputs, Env(datetime.now(UTC)))


class Model:
    """A model whose decisions are compiled when they are first asked for."""

    def __init__(self, definitions: Definitions) -> None:
        self.definitions = definitions
        self.kinds = Kinds(definitions.items)
        self.boxing = Boxing(self.kinds, frozenset((*self.kinds.fields, *names_after_dots(definitions))))
        self._runs: dict[tuple[str, frozenset[str]], Run] = {}

    def evaluate(self, name: str, inputs: Mapping[str, object], env: Env) -> Value:
        """Return the value of a decision, a service or a function; faults are in `env`."""
        given = self._given(inputs)
        name = name_of(name)
        evaluation = _Evaluation(self, given, env)
        try:
            for decision in self.definitions.decisions.values():
                if name in (decision.name, decision.variable.name, decision.id):
                    return evaluation.decision(decision.id)
            for service in self.definitions.services.values():
                if name in (service.name, service.variable.name, service.id):
                    return evaluation.outputs(service)
            for knowledge in self.definitions.knowledge.values():
                if name in (knowledge.name, knowledge.variable.name, knowledge.id):
                    return evaluation.called(knowledge)
        except (LimitExceeded, RecursionError) as stop:
            env.fault(str(stop) if isinstance(stop, LimitExceeded) else "the model is nested too deeply", AT)
            return None
        known = [each.name for each in self.definitions.decisions.values()]
        raise DmnError(
            f"there is no decision `{name}`{did_you_mean(name, known)} (known: {', '.join(known) or 'none'})"
        )

    @staticmethod
    def _given(inputs: Mapping[str, object]) -> dict[str, Value]:
        try:
            return {name_of(name): to_value(value) for name, value in inputs.items()}
        except (TypeError, RecursionError) as error:
            raise DmnError(f"an input is no FEEL value: {error}") from error

    def run(self, id: str, box: Boxed, names: Mapping[str, Type]) -> Run:
        """Return the compiled logic of an element for the names in its scope."""
        key = (id, frozenset(names))
        if key not in self._runs:
            self._runs[key] = self.boxing.build(box, names)
        return self._runs[key]


class _Evaluation:
    """One set of inputs; each decision is evaluated once."""

    def __init__(
        self, model: Model, given: Mapping[str, Value], env: Env, known: dict[str, Value] | None = None
    ) -> None:
        self.model = model
        self.definitions = model.definitions
        self.env = env
        self.known = dict(known or {})
        self.open: set[str] = set()
        self.given = dict(given)
        for data in self.definitions.inputs.values():
            name, wanted = data.variable.name, model.kinds.of(data.variable.type_ref)
            self.given[name] = fit(completed(given.get(name), wanted), wanted, env)
        declared = {data.variable.name for data in self.definitions.inputs.values()}
        self.undeclared = {name: value for name, value in given.items() if name not in declared}

    def decision(self, id: str) -> Value:
        """Return the value of a decision."""
        if id not in self.known:
            decision = self.definitions.decisions.get(id)
            if decision is None or id in self.open:
                self.env.fault(f"decision {id} {'needs itself' if decision else 'is not in this model'}", AT)
                return None
            self.open.add(id)
            self.known[id] = self._evaluated(decision)
            self.open.discard(id)
        return self.known[id]

    def _evaluated(self, decision: Decision) -> Value:
        if decision.body is None:
            return None
        scope = dict(self.undeclared)  # some modelers draw no input data; what is drawn must be required to be seen
        required = (
            self.definitions.inputs[id].variable.name for id in decision.inputs if id in self.definitions.inputs
        )
        scope |= {name: self.given[name] for name in required}
        for id in decision.decisions:
            value = self.decision(id)
            scope |= dict.fromkeys(self._names(id), value)
        scope |= self._functions(decision.knowledge)
        run = self.model.run(decision.id, decision.body, _types(scope))
        return fit(run(scope, self.env), self.model.kinds.of(decision.variable.type_ref), self.env)

    def _names(self, id: str) -> Iterator[str]:
        required = self.definitions.decisions.get(id)
        if required is not None:
            yield from (required.variable.name, *required.aliases)

    def _functions(self, ids: tuple[str, ...]) -> dict[str, Value]:
        found: dict[str, Value] = {}
        for id in ids:
            if id in self.definitions.knowledge:
                knowledge = self.definitions.knowledge[id]
                found[knowledge.variable.name] = self.function(knowledge)
            elif id in self.definitions.services:
                service = self.definitions.services[id]
                found[service.variable.name] = self._service(service)
        return found

    def function(self, knowledge: Knowledge) -> Function:
        """Return a business knowledge model as a function; it knows those that it requires, and itself."""
        key = "function " + knowledge.id
        if key not in self.known:
            scope: dict[str, Value] = {}
            names: dict[str, Type] = {knowledge.variable.name: FunctionType()}
            others = {id: self.definitions.knowledge.get(id) for id in knowledge.knowledge}
            names |= {each.variable.name: FunctionType() for each in others.values() if each}
            names |= {
                self.definitions.services[id].variable.name: FunctionType()
                for id in others
                if id in self.definitions.services
            }
            made = self.model.boxing.closure(knowledge.function, names, scope, knowledge.variable.name)
            self.known[key] = _fitting(made, self, knowledge.variable.type_ref)
            scope[knowledge.variable.name] = self.known[key]
            made_scope = self._functions(knowledge.knowledge)
            scope.update(made_scope)
        found: Function = self.known[key]
        return found

    def called(self, knowledge: Knowledge) -> Value:
        """Return the value of a business knowledge model for inputs of the names of its parameters."""
        function = self.function(knowledge)
        arguments = [self.given.get(name) for name in function.names]
        return call_value(function, self.env, AT, arguments)

    # --- decision services --------------------------------------------------------------------------------------

    def outputs(self, service: Service) -> Value:
        """Return what a service decides: one value, or a context of several."""
        for id in service.input_decisions:
            for name in self._names(id):
                if name in self.given:
                    self.known.setdefault(id, self.given[name])
        values = {
            self.definitions.decisions[id].variable.name: self.decision(id)
            for id in service.outputs
            if id in self.definitions.decisions
        }
        result = next(iter(values.values())) if len(values) == 1 else values
        return fit(result, self.model.kinds.of(service.variable.type_ref), self.env)

    def _service(self, service: Service) -> Function:
        data = [self.definitions.inputs[id].variable for id in service.input_data if id in self.definitions.inputs]
        required = [
            self.definitions.decisions[id] for id in service.input_decisions if id in self.definitions.decisions
        ]
        names = (*(each.name for each in data), *(each.variable.name for each in required))
        wanted = [self.model.kinds.of(each.type_ref) for each in (*data, *(each.variable for each in required))]

        def call(env: Env, _at: object, *arguments: Value) -> Value:
            values = [fit(value, kind, env) for value, kind in zip(arguments, wanted, strict=False)]
            given = dict(zip(names, values, strict=False))
            known = {each.id: given.get(each.variable.name) for each in required}
            return _Evaluation(self.model, given, env, known).outputs(service)

        return Function(names, call, len(names), name=service.variable.name)


def _fitting(function: Function, evaluation: _Evaluation, type_ref: str) -> Function:
    """Let a function's result be made to fit a type, unless that is the type of the function itself."""
    wanted = evaluation.model.kinds.of(type_ref)
    if isinstance(wanted.type, FunctionType):
        wanted = evaluation.model.kinds.of("")

    def call(env: Env, at: object, *arguments: Value) -> Value:
        return fit(function.call(env, at, *arguments), wanted, env)

    return Function(function.names, call, function.required, name=function.name)


def _types(scope: Mapping[str, Value]) -> dict[str, Type]:
    return {name: FunctionType() if isinstance(value, Function) else ANY for name, value in scope.items()}


def element_names(definitions: Definitions) -> Iterator[str]:
    """Return all names of a model: of its elements, of parameters and of what boxes make."""
    yield from (each.variable.name for each in definitions.knowledge.values())
    yield from (each.variable.name for each in definitions.decisions.values())
    yield from (each.variable.name for each in definitions.services.values())
    yield from (each.variable.name for each in definitions.inputs.values())
    yield from (alias for each in definitions.decisions.values() for alias in each.aliases)
    yield from (each.name for known in definitions.knowledge.values() for each in known.function.parameters)
    yield from names_after_dots(definitions)


def names_after_dots(definitions: Definitions) -> Iterator[str]:
    """Return the names of entries that boxes make."""
    waiting: list[Boxed] = [each.body for each in definitions.decisions.values() if each.body]
    waiting += [each.function for each in definitions.knowledge.values()]
    yield from (each.variable.name for each in definitions.decisions.values())
    while waiting:
        box = waiting.pop()
        match box:
            case ContextLogic():
                yield from (variable.name for variable, _ in box.entries if variable)
            case Relation():
                yield from (column.name for column in box.columns)
            case TableLogic():
                yield from (output.name for output in box.table.outputs if output.name)
        waiting += _inside(box)


def _inside(box: object) -> Iterator[Boxed]:
    for name in getattr(type(box), "__dataclass_fields__", ()):
        waiting = [getattr(box, name)]
        while waiting:
            part = waiting.pop()
            if isinstance(part, Boxed):
                yield part
            elif isinstance(part, tuple):
                waiting += part
