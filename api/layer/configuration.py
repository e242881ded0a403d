"""What is in force, what was before, what was refused, and what bundles hold."""

import asyncio
from collections.abc import Mapping

from api.bundles.comparing import Compared, Failed, compare_apart
from api.bundles.library import Library
from api.bundles.ruling import BUNDLE, entry_of
from api.configuration import BundleFiles, ConfigChange, InForce
from api.layer.following import Following
from api.layer.parts import Parts
from api.outcomes import Checked, Refused
from engine import bundles as archive
from engine.ports import Stored
from engine.source import Memory

_ASKED = ("activate bundle", "follow")
_PAGE = 1000


class Configured(Following):
    """api.configuration.Configuration, as far as it reads."""

    def __init__(self, parts: Parts) -> None:
        super().__init__(parts)
        self._comparing = asyncio.Lock()

    async def in_force(self) -> InForce:
        """See api.configuration.Configuration."""
        home = self.parts.home
        entry = await entry_of(self.parts.store, home.revision)
        told = _change(entry) if entry is not None else None
        return InForce(
            revision=home.revision, bundle=await self.parts.store.setting(BUNDLE) or "",
            since=told.at if told else None, by=told.by if told else "", commit=told.commit if told else "",
            author=told.author if told else "", approvers=told.approvers if told else (),
            note=told.note if told else "", files=tuple(sorted(home.texts)), followed=await self.followed(),
        )  # fmt: skip

    async def config_file(self, path: str) -> str | None:
        """See api.configuration.Configuration."""
        return self.parts.home.texts.get(path)

    async def config_history(self, limit: int = 50) -> tuple[ConfigChange, ...]:
        """See api.configuration.Configuration."""
        found: list[Stored] = []
        after = 0
        while page := await self.parts.store.entries(after, kinds=("bundle", "denied"), limit=_PAGE):
            found += [each for each in page if each.kind == "bundle" or _asked(each)]
            after = page[-1].seq
        return tuple(_change(each) for each in found[: -limit - 1 : -1])

    async def bundle(self, id: str) -> BundleFiles | Refused | None:
        """See api.configuration.Configuration."""
        found = await asyncio.to_thread(Library(self.parts.folder).get, id)
        if not isinstance(found, archive.Bundle):
            return None if found is None else Refused(found)
        manifest = found.manifest
        files = {name: content.decode("utf-8", "replace") for name, content in found.files.items()}
        return BundleFiles(
            id=found.id, revision=manifest.revision, commit=manifest.commit, author=manifest.author,
            subject=manifest.subject, approvers=manifest.approvers, authors=manifest.authors, files=files,
        )  # fmt: skip

    async def compare(
        self, base: str, head: str = "", *, period: str = "", examples: int = 5, form: str = "json"
    ) -> Compared | Failed:
        """See api.configuration.Configuration. One comparison at a time."""
        async with self._comparing:
            return await compare_apart(self.parts.folder, base, head, period=period, examples=examples, form=form)

    async def check_files(self, files: Mapping[str, str]) -> Checked:
        """See api.configuration.Configuration."""
        from api.checks import check_tree

        return await asyncio.to_thread(check_tree, Memory({**self.parts.home.texts, **files}))


def _asked(entry: Stored) -> bool:
    return str((entry.body or {}).get("what", "")).startswith(_ASKED)


def _change(entry: Stored) -> ConfigChange:
    body = entry.body or {}
    return ConfigChange(
        seq=entry.seq, at=entry.recorded_at, kind="activated" if entry.kind == "bundle" else "refused",
        by=entry.actor, revision=entry.revision, bundle=str(body.get("bundle", "")),
        commit=str(body.get("commit", "")), author=str(body.get("author", "")),
        approvers=tuple(map(str, body.get("approvers", ()))), note=str(body.get("note", "")),
        why=tuple(map(str, body.get("why", ()))),
    )  # fmt: skip
