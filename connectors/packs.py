"""The vendor packs that are shipped: a manifest and a mapping each, as text to be put into a home folder."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).parent / "manifests"


@dataclass(frozen=True, slots=True)
class Pack:
    """One vendor's files; `mapping` fills the shipped model (`extends: base`)."""

    name: str
    manifest: str
    mapping: str


def packs() -> Iterator[Pack]:
    """Yield the packs by name."""
    for file in sorted(FOLDER.glob("*.yaml")):
        mapping = FOLDER / "mappings" / file.name
        yield Pack(file.stem, file.read_text(encoding="utf-8"), mapping.read_text(encoding="utf-8"))
