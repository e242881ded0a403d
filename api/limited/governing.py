"""What somebody sees of the configuration: its course is the company's, the texts of another ruleset are not theirs."""

import re
from collections.abc import Iterable, Mapping

import msgspec

from api.bundles.comparing import Compared, Failed
from api.configuration import BundleFiles, ConfigChange, Followed, InForce
from api.limited.base import Base
from api.outcomes import Checked, Refused
from engine.source.problem import Problem

_RULESET = re.compile(r"(?:^|[\s`\"'(/])(?:rules/|evals/cases/)([A-Za-z0-9_-]+)")
"""A path of a ruleset's files or cases, alone or in a sentence."""
_ALL = "comparing plays every ruleset; it is for somebody whose roles are for all of them"


class Governing(Base):
    """The configuration without what belongs to the rulesets of others."""

    def _tells_own(self, text: str) -> bool:
        """Whether a path or a sentence names no file of another ruleset."""
        return all(name in self._own for name in _RULESET.findall(text))

    def _told(self, problems: Iterable[Problem]) -> tuple[Problem, ...]:
        """Return the problems of one's own files and of shared ones; of the others that there are some."""
        problems = tuple(problems)
        own = tuple(each for each in problems if self._tells_own(str(each)))
        if len(own) == len(problems):
            return own
        return (*own, Problem("faults-elsewhere", f"{len(problems) - len(own)} more in files of other rulesets"))

    def _checked(self, found: Checked) -> Checked:
        warnings = tuple(each for each in found.warnings if self._tells_own(str(each)))
        return msgspec.structs.replace(found, problems=self._told(found.problems), warnings=warnings)

    async def check(self) -> Checked:
        """See api.configuration.Configuration."""
        return self._checked(await self._layer.check())

    async def check_files(self, files: Mapping[str, str]) -> Checked:
        """See api.configuration.Configuration."""
        return self._checked(await self._layer.check_files(files))

    async def bundle(self, id: str) -> BundleFiles | Refused | None:
        """See api.configuration.Configuration."""
        found = await self._layer.bundle(id)
        if not isinstance(found, BundleFiles):
            return found
        files = {path: text for path, text in found.files.items() if self._tells_own(path)}
        authors = {unit: names for unit, names in found.authors.items() if self._is_own(unit)}
        return msgspec.structs.replace(found, files=files, authors=authors)

    async def compare(
        self, base: str, head: str = "", *, period: str = "", examples: int = 5, form: str = "json"
    ) -> Compared | Failed:
        """See api.configuration.Configuration. A report tells decisions of all rulesets, so there is none."""
        del period, examples, form
        await self._denied(f"compare {base} {head}".strip())
        return Failed(2, _ALL)

    async def in_force(self) -> InForce:
        """See api.configuration.Configuration."""
        found = await self._layer.in_force()
        files = tuple(each for each in found.files if self._tells_own(each))
        return msgspec.structs.replace(found, files=files, followed=self._followed(found.followed))

    async def followed(self) -> Followed | None:
        """See api.configuration.Configuration."""
        return self._followed(await self._layer.followed())

    async def follow(self) -> Followed | None:
        """See api.facade_upkeep.Upkeep."""
        return self._followed(await self._layer.follow())

    def _followed(self, found: Followed | None) -> Followed | None:
        return found and msgspec.structs.replace(found, problems=self._told(found.problems))

    async def config_file(self, path: str) -> str | None:
        """See api.configuration.Configuration."""
        if self._tells_own(path):
            return await self._layer.config_file(path)
        await self._denied(f"file {path}")
        return None

    async def config_history(self, limit: int = 50) -> tuple[ConfigChange, ...]:
        """See api.configuration.Configuration."""
        found = await self._layer.config_history(limit)
        return tuple(
            msgspec.structs.replace(each, why=tuple(why for why in each.why if self._tells_own(why))) for each in found
        )
