"""Manifests: how a vendor's system is read and written, kept apart from the address and the secrets of one's own."""

from collections.abc import Mapping
from typing import Any, ClassVar, Literal, TypeVar

import msgspec

from engine.events import Consequence
from engine.settings.sources import OperationSettings, Sources, SourceSettings, StreamSettings
from engine.source.kinds import Duration, Name
from engine.source.problem import Place

T = TypeVar("T", SourceSettings, StreamSettings, OperationSettings)
GRAVITY: tuple[Consequence, ...] = ("none", "low", "medium", "high")
OF_THE_FILE = frozenset({"format", "pack", "write"})


class Pack(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What docs/connectors.md says of a manifest that is shipped."""

    title: str
    """The vendor's name of the system."""
    delta: str = ""
    """How changes are found."""
    deletes: str = ""
    """How deletions are found."""
    webhook: str = "no"
    """Whether the vendor's webhooks are taken."""
    tested: str = ""
    """What the tests run it against."""


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """A vendor's streams and operations; a source takes them by naming the file as its `connector`.

    What the source says itself counts more, except that an operation is never less grave than the manifest says.
    """

    title_in_messages: ClassVar[str] = "manifest"
    rest_field: ClassVar[str] = "options"

    format: Literal[1] = 1
    """The version of this file's form."""
    connector: Name
    """The kind of connector: http, odata, sql ..."""
    pack: Pack | None = None
    """What the documentation says of it."""
    every: Duration = "PT5M"
    """How often changes are read."""
    order: int = 100
    """Sources are read in this order, lower first."""
    streams: dict[str, StreamSettings] = {}
    """What is read."""
    operations: dict[Name, OperationSettings] = {}
    """What may be written, once the source says `write: true`."""
    options: dict[str, Any] = {}
    place: Place = Place("")


def with_manifests(sources: Sources, manifests: Mapping[str, Manifest]) -> Sources:
    """Return the sources with what their manifests say; a source whose connector is no manifest stays as it is."""
    return msgspec.structs.replace(
        sources,
        sources={
            name: _expanded(source, manifests[source.connector]) if source.connector in manifests else source
            for name, source in sources.sources.items()
        },
    )


def _expanded(source: SourceSettings, manifest: Manifest) -> SourceSettings:
    base = SourceSettings(
        name=source.name,
        connector=manifest.connector,
        every=manifest.every,
        order=manifest.order,
        streams=manifest.streams,
        operations=manifest.operations,
        options={name: value for name, value in manifest.options.items() if name not in OF_THE_FILE},
        place=source.place,
    )
    over = _over(base, source)
    options = {**over.options, "connector": manifest.connector}
    for name, operation in over.operations.items():
        options["operations"][name] |= {
            key: value
            for key, value in (("consequence", operation.consequence), ("leaves_company", operation.leaves_company))
            if value is not None
        }
    return msgspec.structs.replace(over, connector=manifest.connector, options=options)


def _over(base: T, top: T) -> T:
    """Return `base` with what `top` states."""
    stated: dict[str, Any] = {name: getattr(top, name) for name in top.__struct_fields__ if name in top.options}
    for name in stated.keys() & {"streams", "operations"}:
        below = getattr(base, name)
        stated[name] = {
            **below,
            **{key: _over(below[key], each) if key in below else each for key, each in stated[name].items()},
        }
    if isinstance(base, OperationSettings) and isinstance(top, OperationSettings):  # type: ignore[redundant-expr]
        stated |= _graver(base, top)
    return msgspec.structs.replace(base, **stated, options=merged(base.options, top.options), place=top.place)


def _graver(base: OperationSettings, top: OperationSettings) -> dict[str, Any]:
    """Return consequence and reach, which a source may raise and never lower."""
    said = [each for each in (base.consequence, top.consequence) if each is not None]
    leaves = [each for each in (base.leaves_company, top.leaves_company) if each is not None]
    return {
        "consequence": max(said, key=GRAVITY.index) if said else None,
        "leaves_company": any(leaves) if leaves else None,
    }


def merged(base: Any, top: Any) -> Any:  # noqa: ANN401  (plain settings)
    """Return plain settings with those of `top` over those of `base`, mapping by mapping; `{env: ...}` is a value."""
    if not isinstance(base, Mapping) or not isinstance(top, Mapping) or "env" in base or "env" in top:
        return top
    return {**base, **{name: merged(base[name], value) if name in base else value for name, value in top.items()}}
