"""The company and the program as config/app.yaml states them."""

from typing import Annotated, Literal

import msgspec

from engine.settings.values import Env, Text
from engine.source.kinds import BranchName, Currency, Duration, Language, Zone
from engine.source.problem import Place


class JournalSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How the journal is anchored."""

    anchor: Text = ".opslayer/anchor.log"
    """The file outside the database where the head of the chain is written, relative to the home folder."""
    anchor_every: int = 1000
    """Entries between two anchors."""


class Follow(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The git branch whose revisions take over by themselves, as far as they are sound."""

    branch: BranchName
    """The branch of the repository that the home folder is in."""
    remote: str | None = None
    """The remote it is fetched from; without it the branch as it stands in the folder's own repository."""
    every: Duration = "PT30S"
    """How often it is looked at."""
    review: Literal["required", "trusted"] = "required"
    """`required`: a change names who let it in and did not write it; `trusted`: the branch is protected elsewhere."""


class ReportMail(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The outcome report of the week, mailed to the owners of the rules."""

    source: str
    """The source that sends it: one of config/sources.yaml with the connector `mail` and `write: true`."""
    url: str
    """Where the web page is reached; the mail links there."""
    day: Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"] = "monday"
    """The day of the week."""
    at: Annotated[str, msgspec.Meta(pattern="^([01][0-9]|2[0-3]):[0-5][0-9]$")] = "08:00"
    """The time of the day, in the company's time zone."""


class Limits(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How much one process takes on at once; what is more is asked to come again, and nothing of it is taken in."""

    requests: Annotated[int, msgspec.Meta(ge=1)] = 200
    """Requests that change something and are under way at once."""
    body_bytes: Annotated[int, msgspec.Meta(ge=8_388_608)] = 33_554_432
    """Bytes of their bodies together, 8388608 at least: one body may have as many."""
    connections: Annotated[int, msgspec.Meta(ge=1)] = 1000
    """Open connections; further ones are closed at once."""
    rate: Annotated[float, msgspec.Meta(gt=0)] | None = None
    """Requests a second of one API key, for ten seconds up to ten times as many; without it as many as it likes."""


class Minutes(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the hours saved rest on, in minutes; stated wherever such hours are shown."""

    by_hand: Annotated[float, msgspec.Meta(ge=0, le=600)] = 12.0
    """What one action that was sent would have taken by hand."""
    decision: Annotated[float, msgspec.Meta(ge=0, le=600)] = 0.5
    """What deciding on one takes a person."""
    edit: Annotated[float, msgspec.Meta(ge=0, le=600)] = 4.0
    """What changing its words takes besides."""


class App(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The company and where the program keeps its memory."""

    format: Literal[1] = 1
    """The version of this file's form."""
    company: str
    """The company's name, as it signs."""
    timezone: Zone = "UTC"
    """The time zone that makes the company's day."""
    language: Language = "en"
    """The language of drafts when a prompt names none."""
    currency: Currency | None = None
    """The currency of money fields that name none."""
    database: Text = "sqlite:///.opslayer/opslayer.db"
    """The database's address; a SQLite path is relative to the home folder."""
    holidays: str | None = None
    """The country whose public holidays count as days off."""
    keep: Literal["all", "read"] = "all"
    """Which mapped fields are kept: `all`, or what something here reads; the rest is then read live from its source."""
    journal: JournalSettings = JournalSettings()
    """How the journal is anchored."""
    report: ReportMail | None = None
    """The outcome report of the week, mailed to the owners of the rules; without it none is."""
    assumed_minutes: Minutes = Minutes()
    """What the hours saved rest on, in minutes; stated wherever such hours are shown."""
    names: dict[Language, dict[str, str]] = {}
    """What fields, types, rules, actions, workflows and values are called on the web and in mails, by language."""
    follow: Follow | None = None
    """The git branch that a running layer follows; read from the folder at the start, never from a bundle."""
    limits: Limits = Limits()
    """How much one process takes on at once; read at the start."""
    mcp: bool = False
    """Whether assistants may ask at `/mcp`, each with an API key (extra `mcp`); read at the start."""
    secret_key: Env | None = None
    """The key that wraps the keys of persons; without it the file .opslayer/secret.key is made."""
    place: Place = Place("")
