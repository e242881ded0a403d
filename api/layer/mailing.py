"""The weekly report, mailed to the owners of the rules, once a week whoever asks for it how often."""

import hashlib
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from api.insight.kpi import Figure
from api.layer.figures import Figures
from api.mails.report import weekly
from api.mails.writer import Mails
from approvals.structs import Person
from engine.ports import Entry
from engine.settings.app import ReportMail

_DONE = "report mailed"
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


class Mailing(Figures):
    """The part of api.insight.port.Insight that mails."""

    async def mail_reports(self) -> int:
        """See api.insight.port.Insight."""
        settings = self.parts.home.app.report
        connector = self.parts.connectors.get(settings.source) if settings else None
        if settings is None or connector is None:
            return 0
        due = _due(self.parts.clock.now(), settings, ZoneInfo(self.parts.home.app.timezone))
        if await self.parts.store.setting(_DONE) == due.isoformat():
            return 0
        app = self.parts.home.app
        mails = Mails(app.company, app.timezone, app.language, called=app.names)
        lines, sent = await self.lines(), 0
        for person, rulesets in self._owners().items():
            own = [each for each in lines if each.ruleset in rulesets]
            names = self.labels([each.subject for each in own if each.state == "pending"])
            kpis = await self._measured(rulesets, due)
            letter = weekly(mails, self.parts.people[person], own, due, settings.url, names, kpis, app.assumed_minutes)
            key = hashlib.sha256(f"report {person} {due.isoformat()}".encode()).hexdigest()
            content = {"subject": letter.subject, "text": letter.text, "html": letter.html}
            receipt = await connector.perform("send", {"to": self.parts.people[person].email, **content}, key)
            if receipt.result in ("unavailable", "throttled", "deferred"):
                return sent  # the next time
            sent += receipt.result in ("ok", "uncertain")
        await self._mailed(due, sent)
        return sent

    async def _measured(self, rulesets: set[str], due: datetime) -> list[Figure]:
        """Return the key figures of the week that ended, and of the twelve before it, for one week tells little."""
        until = due.astimezone(ZoneInfo(self.parts.home.app.timezone)).date()
        return [each for id in sorted(rulesets) for each in await self.kpis(id, until - timedelta(weeks=13), until)]

    def _owners(self) -> dict[str, set[str]]:
        """Return who answers for which rulesets, those who can be written to and may read of them."""
        found: dict[str, set[str]] = {}
        for each in self.parts.home.rulesets.values():
            person: Person | None = self.parts.people.get(each.owner or "")
            if person is not None and person.email and person.reads(each.id):
                found.setdefault(person.id, set()).add(each.id)
        return found

    async def _mailed(self, due: datetime, sent: int) -> None:
        async with self.parts.pipeline.transaction() as tx:
            await tx.set_setting(_DONE, due.isoformat())
            body = {"report": due.isoformat(), "mails": sent}
            await tx.append(Entry(kind="note", recorded_at=self.parts.clock.now(), actor="system", body=body))


def _due(now: datetime, settings: ReportMail, zone: ZoneInfo) -> datetime:
    """Return the last moment at which a report was due."""
    local = now.astimezone(zone)
    back = (local.weekday() - _DAYS.index(settings.day)) % 7
    due = datetime.combine(local.date() - timedelta(days=back), time.fromisoformat(settings.at), zone)
    return due if due <= local else due - timedelta(days=7)
