"""The example company's home as it is shipped: beside the packages in a checkout, inside the package when installed."""

import shutil
from pathlib import Path

PARTS = ("config", "mappings", "rules", "evals/cases")


def shipped_home() -> Path:
    """Return the folder that holds the example company's config/, mappings/, rules/ and evals/cases/."""
    here = Path(__file__).resolve().parent
    installed = here / "example"
    return installed if installed.is_dir() else here.parent


def copy_home(to: Path) -> None:
    """Copy the example company into a folder, each file whole or not at all; what is there already stays."""
    source = shipped_home()
    for part in PARTS:
        for file in sorted((source / part).rglob("*")):
            target = to / file.relative_to(source)
            if file.is_file() and not target.exists():
                target.parent.mkdir(parents=True, exist_ok=True)
                whole = target.with_name(f"{target.name}.tmp")
                shutil.copyfile(file, whole)
                whole.replace(target)
