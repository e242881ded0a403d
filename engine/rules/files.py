"""The files of a home folder: where each stands, which struct reads it, and how its schema is called."""

from dataclasses import dataclass

import msgspec

from engine.mapping.structs import SourceMapping
from engine.model.structs import Model
from engine.rules.cases import Cases
from engine.rules.examples import Examples
from engine.rules.prompts import FrontMatter
from engine.rules.structs import Ruleset
from engine.settings.app import App
from engine.settings.autonomy import Autonomy
from engine.settings.manifests import Manifest
from engine.settings.models import Models
from engine.settings.people import People
from engine.settings.sources import Sources
from engine.tables.structs import Table


@dataclass(frozen=True, slots=True)
class FileKind:
    """One kind of file; `pattern` is relative to the home folder."""

    name: str
    pattern: str
    struct: type[msgspec.Struct]
    required: bool = False

    @property
    def single(self) -> bool:
        """Whether there is at most one such file."""
        return "*" not in self.pattern

    @property
    def is_yaml(self) -> bool:
        """Whether the whole file is YAML; a prompt is so only at its head."""
        return self.pattern.endswith(".yaml")


KINDS = (
    FileKind("app", "config/app.yaml", App, required=True),
    FileKind("model", "config/model.yaml", Model, required=True),
    FileKind("sources", "config/sources.yaml", Sources),
    FileKind("manifest", "config/manifests/*.yaml", Manifest),
    FileKind("people", "config/people.yaml", People),
    FileKind("autonomy", "config/autonomy.yaml", Autonomy),
    FileKind("models", "config/models.yaml", Models),
    FileKind("mapping", "mappings/*.yaml", SourceMapping),
    FileKind("ruleset", "rules/*/ruleset.yaml", Ruleset),
    FileKind("examples", "rules/*/examples.yaml", Examples),
    FileKind("table", "rules/*/tables/*.yaml", Table),
    FileKind("prompt", "rules/*/prompts/*.md", FrontMatter),
)
BESIDE = (FileKind("cases", "evals/cases/*.yaml", Cases),)
"""Files that are read beside the configuration, and change nothing of what it does."""
TABLES_AS_CSV = "rules/*/tables/*.csv"
"""Where tables may also stand as spreadsheets save them (engine/tables/csvform.py)."""
