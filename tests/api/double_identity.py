"""The part of the double that knows who is who."""
# ruff: noqa: ARG002  (a double takes what the protocol gives)

from api import outcomes, views
from engine.source.problem import Problem


class DoubleIdentity:
    """Implements `api.facade_identity.Identity` for one doubtful pair."""

    async def resolve(self, *, settled: bool = False) -> int:
        return 0

    async def reviews(
        self, start: int = 0, most: int | None = None, *, evidence: bool = True, rulesets: frozenset[str] | None = None
    ) -> views.Reviews:
        left = views.EntityLine(type="customer", id="C-1042", label="Karadeniz Beton A.Ş.")
        right = views.EntityLine(type="customer", id="C-2077", label="KARADENIZ BETON")
        line = views.EvidenceLine(
            what="name", left=left.label, right=right.label, bits=7.3, note="the same core, which 1 of 5 have"
        )
        pair = views.Review(left=left, right=right, bits=7.3, evidence=(line,) if evidence else (), busy=True)
        return views.Reviews(shown=(pair,)[start:][:most], total=1)

    async def merge(
        self, type: str, id: str, other: str, actor: views.Actor, reason: str = ""
    ) -> views.Joined | outcomes.Refused:
        return self._joined(type, id, other)

    async def split(
        self, type: str, id: str, other: str, actor: views.Actor, records: tuple[str, ...] = (), reason: str = ""
    ) -> views.Joined | outcomes.Refused:
        return self._joined(type, id, other)

    async def keep_apart(
        self, type: str, id: str, other: str, actor: views.Actor, reason: str = ""
    ) -> outcomes.Refused | None:
        return None

    def _joined(self, type: str, id: str, other: str) -> views.Joined | outcomes.Refused:
        if id != "C-1042":
            return outcomes.Refused((Problem("unknown-entity", f"there is no {type} {id}"),))
        return views.Joined(kept=views.EntityLine(type=type, id=id, label=id), other=other)
