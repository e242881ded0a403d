"""What decisions depend on besides inputs and rules: the versions of the engine, the zones' rules and the holidays."""

import zoneinfo
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path


def versions() -> Mapping[str, str]:
    """Return the version of each part by its name, as this process has it."""
    return {"opslayer": version("opslayer"), "tz": _zones(), "holidays": version("holidays")}


def _zones() -> str:
    """Return the release of the time-zone database that zoneinfo reads: the system's, else the package's."""
    for folder in zoneinfo.TZPATH:
        listed = Path(folder) / "tzdata.zi"
        if listed.is_file():
            with listed.open(encoding="ascii") as file:
                return file.readline().removeprefix("# version ").strip()
        if (Path(folder) / "Europe" / "Istanbul").is_file():
            return f"of {folder}"
    return f"tzdata {version('tzdata')}"
