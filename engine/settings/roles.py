"""What each role reaches: reading, deciding, writing rules, governing, and looking at everything without a say."""

from collections.abc import Mapping
from typing import Final

from engine.settings.people import Role

REACHES: Final[Mapping[Role, frozenset[Role]]] = {
    "viewer": frozenset({"viewer"}),
    "operator": frozenset({"viewer", "operator"}),
    "analyst": frozenset({"viewer", "operator", "analyst"}),
    "admin": frozenset({"viewer", "operator", "analyst", "admin", "auditor"}),
    "auditor": frozenset({"viewer", "auditor"}),
}
"""A role with all that may be done under it. What an auditor reads, an admin reads too."""

WITHOUT_A_SAY: Final[Role] = "auditor"
"""Whoever holds this role decides nothing, whatever else they hold: who audits must not have acted."""


def reached(roles: frozenset[Role]) -> frozenset[Role]:
    """Return the roles together with those below them; an auditor's stay what they are, so no say is reached."""
    below = frozenset[Role]().union(*(REACHES.get(role, frozenset()) for role in roles))
    return (below - {WITHOUT_A_SAY}) | roles
