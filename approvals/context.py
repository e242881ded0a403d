"""What approvals need to know besides the action: the configuration in force, the operations, the authors."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, tzinfo

import msgspec

from approvals.life import Life
from approvals.policy import Authors
from approvals.structs import Autonomy, Policy
from engine.events import Action, ActionKey
from engine.ports import Connector, Operation

Operations = Callable[[str], Operation | None]
"""The operation of that name, None when no opened connector offers it or may write."""


def offered(connectors: Callable[[str], Connector | None]) -> Operations:
    """Return the operations of opened connectors, by `source.operation`."""

    def operation(name: str) -> Operation | None:
        source, _, short = name.partition(".")
        connector = connectors(source)
        return connector.operations.get(short) if connector else None

    return operation


def _nobody(_key: ActionKey, _revision: str) -> frozenset[str]:
    return frozenset()


def _nothing(_prompt: str) -> tuple[str, ...]:
    return ()


def _unknown(_key: ActionKey) -> str:
    return ""


def _utc(_subject: str, _expression: str) -> tzinfo:
    return UTC


def _anybodys(_root: str) -> bool:
    return True


def _itself(subject: str) -> str:
    return subject


def _alone(subject: str) -> tuple[str, ...]:
    return (subject,)


def _never_renamed(_key: ActionKey) -> str:
    return ""


@dataclass(frozen=True, slots=True)
class Context:
    """Made anew when a bundle is activated."""

    autonomy: Autonomy
    operations: Operations
    authors: Authors = _nobody
    forbidden: Callable[[str], tuple[str, ...]] = _nothing
    """The words that a prompt, by its file, forbids; for edits too."""
    root: Callable[[str], str] = _itself
    """The account (`type:id`) that a subject belongs to."""
    aliases: Callable[[str], tuple[str, ...]] = _alone
    """The names an account has and had: those of all that were merged into it."""
    was: Callable[[ActionKey], str] = _never_renamed
    """What a rule was called before it was renamed, "" when it never was."""
    mine: Callable[[str], bool] = _anybodys
    """Whether this process works for an account; of several on one database each has its own."""
    zone: Callable[[str, str], tzinfo] = _utc
    """The time zone that FEEL over a subject names; the company's where it names none."""
    fingerprint: Callable[[ActionKey], str] = _unknown
    """What the action depends on at present, as a digest; evidence for autonomy belongs to one."""
    reads: bool = False
    """Whether any ruleset reads texts."""
    echo: Callable[[], str] = str
    """The action whose own write the present input tells, "" for news of others."""
    life: Life = field(default_factory=Life)

    def own(self, action: Action) -> bool:
        """Whether this process works on an action, as it is about an account of its own."""
        return self.mine(self.root(action.root or action.key.subject))

    def authors_of(self, action: Action) -> frozenset[str]:
        """Return who wrote the rules of all that an action carries out."""
        return frozenset(person for key in action.keys for person in self.authors(key, action.revision))

    def names(self, key: ActionKey) -> tuple[ActionKey, ...]:
        """Return the key, and the one that its rule had before: what was said of that rule still holds."""
        former = self.was(key)
        return (key, msgspec.structs.replace(key, rule=former)) if former else (key,)

    def keys(self, action: Action) -> tuple[ActionKey, ...]:
        """Return what an action is about, under all names of its rules."""
        return tuple(dict.fromkeys(each for key in action.keys for each in self.names(key)))

    def policy(self, action: Action) -> Policy:
        """Return the action's policy; one that nobody wrote allows nothing."""
        return self.autonomy.policy(action.policy) or Policy(name=action.policy)
