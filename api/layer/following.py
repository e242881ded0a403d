"""The branch that a running layer follows: looked at, built, tried, put in force or refused, each commit once."""

import asyncio

import msgspec

from api.bundles.building import from_git
from api.bundles.library import Library
from api.bundles.review import unreviewed
from api.bundles.ruling import BUNDLE, entry_of
from api.configuration import Followed
from api.layer.bundles import Governed
from api.layer.parts import Parts
from api.outcomes import Ready, Refused
from api.views import Actor
from engine import bundles as archive
from engine.ports import Entry
from engine.settings.app import Follow
from engine.source.problem import ConfigError, Problem
from evals.diff.git import GitFault, Repository

FOLLOWED = "followed"
"""The setting that remembers what became of the branch's last commit."""


class Following(Governed):
    """api.facade.Upkeep, as far as the configuration's branch goes."""

    def __init__(self, parts: Parts) -> None:
        super().__init__(parts)
        self._looking = asyncio.Lock()

    async def followed(self) -> Followed | None:
        """See api.configuration.Configuration."""
        settings = self.parts.follow
        if settings is None:
            return None
        kept = await self.parts.store.setting(FOLLOWED)
        known = msgspec.json.decode(kept, type=Followed) if kept else None
        fresh = Followed(branch=settings.branch, remote=settings.remote or "")
        return known if known and (known.branch, known.remote) == (fresh.branch, fresh.remote) else fresh

    async def ready(self) -> Ready:
        """See api.facade.Upkeep. A refused commit keeps nobody from work, and is told to whoever looks."""
        found = await super().ready()
        followed = await self.followed() if found.ready else None
        told = _warning(followed) if followed is not None else ""
        return msgspec.structs.replace(found, reasons=(*found.reasons, told)) if told else found

    async def follow(self) -> Followed | None:
        """See api.facade.Upkeep."""
        async with self._looking:
            known, settings = await self.followed(), self.parts.follow
            if known is None or settings is None:
                return None
            repository = Repository(self.parts.folder)
            try:
                tip = await asyncio.to_thread(repository.fetched, settings.branch, settings.remote or "")
                if tip != known.commit:
                    return await self._came(repository, tip, known, settings)
            except GitFault as fault:
                return await self._unreachable(known, str(fault))
            return known if not known.unreachable else await self._keep(_again(known))

    async def _came(self, repository: Repository, tip: str, known: Followed, settings: Follow) -> Followed:
        """Try a commit that was not seen before, and remember what became of it; raises GitFault."""
        commit = await asyncio.to_thread(repository.commit, tip)
        actor = Actor(id=f"git:{settings.branch}", roles=frozenset({"admin"}), channel="api", name=commit.author)
        try:
            content = await asyncio.to_thread(from_git, self.parts.folder, tip)
            bundle = await asyncio.to_thread(Library(self.parts.folder).put, content)
        except ConfigError as error:
            bundle = error.problems
        expected, revision = self.parts.home.revision, ""
        if not isinstance(bundle, archive.Bundle):
            body = {"what": f"follow {settings.branch} at {tip}", "why": [str(each) for each in bundle]}
            more = {"commit": tip, "author": commit.author, "note": commit.subject}
            now = self.parts.clock.now()
            await self._journal(Entry(kind="denied", recorded_at=now, actor=actor.id, body=body | more))
            problems = tuple(bundle)
        else:
            revision = bundle.manifest.revision
            problems = await self._try(repository, bundle, expected, actor, settings)
        if any(each.code == "overtaken" for each in problems):
            return known  # what took over meanwhile is looked at first; the next look tries this commit again
        return await self._keep(
            Followed(
                branch=settings.branch, remote=settings.remote or "", commit=tip, subject=commit.subject,
                revision=revision, state="refused" if problems else "in-force", at=self.parts.clock.now(),
                problems=problems,
            )
        )  # fmt: skip

    async def _try(
        self, repository: Repository, bundle: archive.Bundle, expected: str, actor: Actor, settings: Follow
    ) -> tuple[Problem, ...]:
        """Put a bundle in force; returns why not."""
        same = bundle.manifest.revision == self.parts.home.revision
        if same and await self.parts.store.setting(BUNDLE):
            return ()
        if not same and settings.review == "required":
            base = await self._base(repository)
            found = tuple(await asyncio.to_thread(list, unreviewed(repository, base, bundle.manifest.commit)))
            if found:
                return (await self._refused(bundle, found, actor)).problems
        result = await self._activate(bundle, expected, actor, reviewed=True)
        return result.problems if isinstance(result, Refused) else ()

    async def _base(self, repository: Repository) -> str:
        """Return the commit of what is in force, "" when it came from none."""
        entry = await entry_of(self.parts.store, self.parts.home.revision)
        commit = str((entry.body or {}).get("commit", "")) if entry is not None else ""
        if commit or await self.parts.store.setting(BUNDLE):
            return commit
        from engine.rules import read_home

        def checked_out() -> str:
            tree = repository.revision("HEAD")
            return tree.commit if read_home(tree).revision == self.parts.home.revision else ""

        return await asyncio.to_thread(checked_out)

    async def _unreachable(self, known: Followed, reason: str) -> Followed:
        if known.unreachable == reason:
            return known
        body = {"what": f"follow {known.branch}", "why": [reason]}
        await self._journal(Entry(kind="denied", recorded_at=self.parts.clock.now(), actor="git", body=body))
        return await self._keep(msgspec.structs.replace(known, unreachable=reason))

    async def _keep(self, found: Followed) -> Followed:
        async with self.parts.pipeline.transaction() as tx:
            await tx.set_setting(FOLLOWED, msgspec.json.encode(found).decode())
        return found


def _warning(found: Followed) -> str:
    if found.unreachable:
        return f"the branch {found.branch} that the configuration follows cannot be read: {found.unreachable}"
    if found.state != "refused":
        return ""
    first, more = str(found.problems[0]).partition("\n")[0], len(found.problems) - 1
    others = f" (and {more} more)" if more else ""
    return f"commit {found.commit[:12]} of {found.branch} was refused, the former rules go on: {first}{others}"


def _again(known: Followed) -> Followed:
    return msgspec.structs.replace(known, unreachable="")
