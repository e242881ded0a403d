"""FEEL over what is known at present, for whoever asks at the command line."""

import msgspec

from api.layer.parts import Part
from api.outcomes import Refused
from engine.feel import Value
from engine.inference.proof import plain
from engine.inference.state import Unknown
from engine.source.problem import ConfigError, Problem


class Evaluated(msgspec.Struct, frozen=True, kw_only=True):
    """The value of an expression, its type, the paths that it reads, and why the value could not be told, if so."""

    value: Value
    type: str
    reads: tuple[str, ...]
    unresolved: str = ""


class Evaluating(Part):
    """Evaluates expressions against the live model."""

    async def evaluate(self, ref: str, text: str) -> Evaluated | Refused:
        """Evaluate FEEL over the entity `type:id`; Refused when it is unknown, or the expression has faults."""
        session = self.parts.pipeline.session
        entity = session.state.find(ref)
        if entity is None:
            types = ", ".join(session.rulebook.model.entities)
            problem = Problem("unknown-subject", f"`{ref}` is not known", hint=f"Name it as TYPE:ID; types: {types}.")
            return Refused((problem,))
        try:
            compiled = session.rulebook.adhoc(entity.type, text)
        except ConfigError as error:
            return Refused(error.problems)
        value = session.settler.compute(compiled, entity)
        return Evaluated(
            value=None if isinstance(value, Unknown) else plain(value),
            type=str(compiled.program.type),
            reads=tuple(sorted(".".join(path) for path in compiled.reads)),
            unresolved=value.reason if isinstance(value, Unknown) else "",
        )
