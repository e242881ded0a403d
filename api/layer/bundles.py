"""Bundles in a running layer: kept, tried aside, put in force between two inputs, taken back."""

import asyncio
from collections.abc import Iterator, Mapping
from datetime import datetime

from api.authors import under_review
from api.bundles import building
from api.bundles.library import Library
from api.bundles.ruling import BUNDLE, activations, entry_of, journaled, ruling
from api.bundles.trial import Tried, attempt, unapproved
from api.layer.exchange import exchange
from api.layer.parts import Parts
from api.layer.upkeep import Timekeeping
from api.outcomes import Bundle, Refused
from api.views import Actor
from engine import bundles as archive
from engine.ports import Entry
from engine.revisions import REVISION, cover
from engine.rules import Home
from engine.source.problem import ConfigError, Problem
from evals.diff.semantic import bare


class Governed(Timekeeping):
    """api.facade.Control, as far as bundles go; what another process activates is followed at the next tick."""

    company: str
    language: str
    timezone: str

    # --- what there is ----------------------------------------------------------------------------------------

    async def bundles(self) -> tuple[Bundle, ...]:
        """See api.configuration.Configuration."""
        store = self.parts.store
        active = await store.setting(BUNDLE) or self.parts.home.revision
        library = Library(self.parts.folder)
        found = {each.id: _outcome(each, active, library.since(each.id)) for each in library.all()}
        for entry in await activations(store):
            id = str((entry.body or {}).get("bundle") or entry.revision)
            note = str((entry.body or {}).get("note", ""))
            if id not in found:
                found[id] = Bundle(
                    id=id, revision=entry.revision, active=id == active, created_at=entry.recorded_at, note=note
                )
        return tuple(sorted(found.values(), key=lambda each: (each.created_at, each.id), reverse=True))

    async def load_bundle(self, note: str, actor: Actor) -> Bundle | Refused:
        """See api.configuration.Configuration."""
        try:
            content = await asyncio.to_thread(building.from_folder, self.parts.folder, actor.id)
        except ConfigError as error:
            return Refused(error.problems)
        return await self.upload_bundle(content, note, actor)

    async def upload_bundle(self, content: bytes, note: str, actor: Actor) -> Bundle | Refused:
        """See api.configuration.Configuration."""
        bundle = await asyncio.to_thread(Library(self.parts.folder).put, content)
        if not isinstance(bundle, archive.Bundle):
            return Refused(bundle)
        body = {"bundle": bundle.id, "revision": bundle.manifest.revision, "note": note}
        await self._journal(Entry(kind="note", recorded_at=self.parts.clock.now(), actor=actor.id, body=body))
        active = await self.parts.store.setting(BUNDLE) or self.parts.home.revision
        return _outcome(bundle, active, self.parts.clock.now(), note)

    # --- putting one in force ---------------------------------------------------------------------------------

    async def activate_bundle(self, id: str, actor: Actor) -> Bundle | Refused | None:
        """See api.configuration.Configuration."""
        refused = await self.beyond(actor, "", f"activate {id}")
        if refused is not None:
            return refused
        expected = self.parts.home.revision
        bundle = Library(self.parts.folder).get(id)
        if bundle is None:
            known = next((each for each in await self.bundles() if each.id == id), None)
            return known if known is None or known.active else await self._again(known.revision, actor)
        if not isinstance(bundle, archive.Bundle):
            return Refused(bundle)
        return await self._activate(bundle, expected, actor)

    async def rollback_bundle(self, actor: Actor) -> Bundle | Refused:
        """See api.configuration.Configuration."""
        refused = await self.beyond(actor, "", "roll back")
        if refused is not None:
            return refused
        present = self.parts.home.revision
        former = [each.revision for each in await activations(self.parts.store) if each.revision != present]
        if not former:
            return Refused((Problem("no-former-bundle", "no other revision was in force before this one"),))
        return await self._again(former[-1], actor)

    async def release_bundle(self, actor: Actor) -> Bundle | Refused:
        """See api.configuration.Configuration."""
        refused = await self.beyond(actor, "", "release the bundle")
        if refused is not None:
            return refused
        if not await self.parts.store.setting(BUNDLE):
            return Refused((Problem("no-bundle", "the files in the folder rule already"),))
        expected = self.parts.home.revision
        try:
            content = await asyncio.to_thread(building.from_folder, self.parts.folder, actor.id)
        except ConfigError as error:
            return Refused(error.problems)
        kept = await asyncio.to_thread(Library(self.parts.folder).put, content)
        if not isinstance(kept, archive.Bundle):
            return Refused(kept)
        return await self._activate(kept, expected, actor, reviewed=True, as_folder=True)

    async def _again(self, revision: str, actor: Actor) -> Bundle | Refused:
        """Put a revision in force that was so before; what ruled once needs no second review."""
        expected = self.parts.home.revision
        found = next((each for each in Library(self.parts.folder).all() if each.manifest.revision == revision), None)
        if found is None:
            entries = [each for each in await activations(self.parts.store) if each.revision == revision]
            texts = (entries[-1].body or {}).get("files", {})
            files = {name: text.encode() for name, text in texts.items()}
            kept = Library(self.parts.folder).put(building.from_files(files, author=entries[-1].actor))
            if not isinstance(kept, archive.Bundle):
                return Refused(kept)
            found = kept
        return await self._activate(found, expected, actor, reviewed=True)

    async def _activate(
        self,
        bundle: archive.Bundle,
        expected: str,
        actor: Actor,
        *,
        reviewed: bool = False,
        as_folder: bool = False,
    ) -> Bundle | Refused:
        tried = await asyncio.to_thread(attempt, bundle, self.parts.pipeline.session.rulebook)
        if not isinstance(tried, Tried):
            return await self._refused(bundle, tried, actor)
        versioned = await asyncio.to_thread(under_review, self.parts.folder, self.parts.home.rulesets)
        names = [actor.id, *(each.email for each in self.parts.people.values() if each.id == actor.id)]
        problems = [
            *([] if reviewed else unapproved(tried, self.parts.home, names, versioned=versioned)),
            *_fixed(self.parts.home, tried.home),
        ]
        if problems:
            return await self._refused(bundle, tuple(problems), actor)
        if not await self._take_over(tried, expected, actor, "" if as_folder else bundle.id):
            message = "another bundle was activated meanwhile; look at what it changed, then try again"
            return await self._refused(bundle, (Problem("overtaken", message),), actor)
        return _outcome(bundle, bundle.id, self.parts.clock.now())

    async def _refused(self, bundle: archive.Bundle, problems: tuple[Problem, ...], actor: Actor) -> Refused:
        manifest = bundle.manifest
        body = {
            "what": f"activate bundle {bundle.id}", "why": [str(each) for each in problems], "bundle": bundle.id,
            "commit": manifest.commit, "author": manifest.author, "note": manifest.subject,
        }  # fmt: skip
        await self._journal(Entry(kind="denied", recorded_at=self.parts.clock.now(), actor=actor.id, body=body))
        return Refused(problems)

    async def _journal(self, entry: Entry) -> None:
        async with self.parts.pipeline.transaction() as tx:
            await tx.append(entry)

    async def _take_over(self, tried: Tried, expected: str, actor: Actor, named: str) -> bool:
        """Let the bundle rule from the next input on; False when another took over first.

        `named` is the bundle that rules after a restart too, "" for the files in the folder.
        """
        pipeline = self.parts.pipeline
        async with exchange(self.parts, tried.home) as change:
            async with pipeline.transaction() as tx:
                if await tx.setting(REVISION) == expected:
                    change.begin()
                    now = pipeline.held.now()
                    await tx.set_setting(REVISION, tried.home.revision)
                    await tx.set_setting(BUNDLE, named)
                    seq = await tx.append(_entry(tried, now, actor))
                    await cover(tx, tried.home, tried.rulebook, now)
                    await pipeline.adopt(tx, tried.rulebook, seq)
            self._renew(change.commit())
        return self.parts.home.revision == tried.home.revision

    def _renew(self, parts: Parts) -> None:
        self.parts = parts
        self.company, self.language = parts.home.app.company, parts.home.app.language
        self.timezone, self.minutes = parts.home.app.timezone, parts.home.app.assumed_minutes
        self.called: Mapping[str, Mapping[str, str]] = parts.home.app.names

    # --- following another process ----------------------------------------------------------------------------

    async def tick(self) -> None:
        """See api.facade.Upkeep."""
        if await self.parts.store.setting(REVISION) not in {None, self.parts.home.revision}:
            await self._follow()
        await super().tick()

    async def _follow(self) -> None:
        """Run on what another process has put in force; the session has followed through the journal."""
        revision = await self.parts.store.setting(REVISION) or ""
        home = await ruling(self.parts.folder, self.parts.store)
        if home is None or home.revision != revision:
            stored = await entry_of(self.parts.store, revision)
            home = journaled(stored) if stored is not None else home
        if home is not None and not home.problems:
            async with exchange(self.parts, home) as change:
                async with self.parts.pipeline.transaction():
                    change.begin()
                self._renew(change.commit())


def _entry(tried: Tried, now: datetime, actor: Actor) -> Entry:
    manifest = tried.bundle.manifest
    body = {
        "files": dict(tried.home.texts), "bundle": tried.bundle.id, "commit": manifest.commit,
        "author": manifest.author, "approvers": list(manifest.approvers), "note": manifest.subject,
    }  # fmt: skip
    return Entry(kind="bundle", recorded_at=now, actor=actor.id, revision=tried.home.revision, body=body)


def _outcome(bundle: archive.Bundle, active: str, at: datetime, note: str = "") -> Bundle:
    manifest = bundle.manifest
    return Bundle(
        id=bundle.id, revision=manifest.revision, active=active in {bundle.id, manifest.revision}, created_at=at,
        note=note or manifest.subject, commit=manifest.commit, author=manifest.author, approvers=manifest.approvers,
    )  # fmt: skip


def _fixed(present: Home, home: Home) -> Iterator[Problem]:
    """Yield what a running layer cannot change: where it keeps its memory."""
    for name in ("database", "journal", "secret_key", "timezone"):
        if bare(getattr(present.app, name)) != bare(getattr(home.app, name)):
            hint = "change it in the folder and start again"
            yield Problem(
                "restart-needed", f"`{name}` of config/app.yaml cannot change while the layer runs", hint=hint
            )
