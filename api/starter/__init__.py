"""The home folder that `opslayer init` writes: small, complete, and running at once on two CSV files."""

from pathlib import Path

HOME = Path(__file__).parent / "home"


def write_home(folder: Path) -> list[Path]:
    """Copy the files into a folder; returns their paths in it."""
    written = []
    for source in sorted(path for path in HOME.rglob("*") if path.is_file()):
        target = folder / source.relative_to(HOME)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(source.read_bytes())
        written.append(target.relative_to(folder))
    (folder / ".gitignore").write_text(".opslayer/\n", encoding="utf-8")
    return [*written, Path(".gitignore")]
