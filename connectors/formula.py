"""FEEL as it stands in sources.yaml: parsed when the source is opened, compiled for the names it meets."""

from collections.abc import Iterable, Mapping
from typing import Any

from connectors.settings import Surroundings
from engine import feel
from engine.feel.types import ANY
from engine.mapping.functions import FUNCTIONS
from engine.ports import SourceDown
from engine.source import ConfigError, Place, Problem


class FormulaFault(Exception):
    """The expression gave no value for this record, for a reason other than a null in it."""


class Formula:
    """One expression over the columns of a record, the keys of a payload or the parts of an answer.

    It may call what mappings may call, e.g. `parse date`. `names`: the names it will meet, as far as they are known
    before reading; with None a fault shows only at the first record, because FEEL names may hold spaces. `sparse`:
    what the expression names may be absent, as members of JSON objects may, and is null then. Raises ConfigError.
    """

    def __init__(
        self,
        text: str,
        place: str,
        surroundings: Surroundings,
        names: Iterable[str] | None = (),
        *,
        sparse: bool = False,
    ) -> None:
        self.text = text
        self._place = place
        self._surroundings = surroundings
        self._programs: dict[tuple[str, ...], feel.Program] = {}
        self._always: tuple[str, ...] | None = None
        if names is None:
            return
        try:
            node = feel.parse(text, names=(*names, *FUNCTIONS))
            if sparse:
                reads = feel.compile(node, functions=FUNCTIONS).reads
                self._always = tuple(sorted({*names, *(path[0] for path in reads)}))
        except feel.FeelError as error:
            raise ConfigError((self._problem(error),)) from error

    def value(self, scope: Mapping[str, Any]) -> Any:  # noqa: ANN401  (a FEEL value)
        """Return the value over FEEL values; raises FormulaFault."""
        env = feel.Env(self._surroundings.clock.now(), self._surroundings.zone)
        result = self._program(self._always or tuple(scope)).run(scope, env)
        if env.faults:
            raise FormulaFault(f"{self._place}: {env.faults[0].message}")
        return result

    def holds(self, scope: Mapping[str, Any]) -> bool:
        """Return whether the value is true; null is not."""
        return self.value(scope) is True

    def _program(self, names: tuple[str, ...]) -> feel.Program:
        if names not in self._programs:
            try:
                self._programs[names] = feel.compile(self.text, dict.fromkeys(names, ANY), functions=FUNCTIONS)
            except feel.FeelError as error:
                raise SourceDown(str(self._problem(error))) from error
        return self._programs[names]

    def _problem(self, error: feel.FeelError) -> Problem:
        return Problem(
            code="bad-expression",
            message=f"{error.message} (line {error.line}, column {error.column} of the expression)",
            place=Place(self._place),
            hint=error.hint,
            excerpt=self.text,
        )
