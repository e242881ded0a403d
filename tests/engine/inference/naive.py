"""The naive engine: after every input, at every instant at which anything might change, everything is computed anew.

Beside the facts (`naive_world`) it knows the life of proposals, told here as plainly as possible.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, time, timedelta
from typing import Any

from engine.events import ActionChange, ChangeEvent, Merge, Split, Watermark
from engine.model.structs import Model
from engine.rules.structs import ActionSpec, Rule, Ruleset
from tests.engine.inference.naive_absence import Sources
from tests.engine.inference.naive_feel import add, duration
from tests.engine.inference.naive_identity import affected, merge, split
from tests.engine.inference.naive_life import Key, Life, Made, later
from tests.engine.inference.naive_world import Thing, World

_TICK = timedelta(microseconds=1)
_SPAN = re.compile(r'duration\("(P[^"]*)"\)')


class Naive:
    """Takes the inputs that a Session takes; proposals are named by key and number."""

    def __init__(
        self,
        model: Model,
        rulesets: tuple[Ruleset, ...],
        now: datetime,
        inside: frozenset[str],
        sources: Sources | None = None,
    ) -> None:
        self.sources = sources or Sources()
        self.world = World(model, now, self.sources)
        self.zone = now.tzinfo
        self.now = now.astimezone(UTC)
        self.inside = inside
        self.lives: dict[Key, Life] = {}
        self.cooling: dict[tuple[str, str, str, str], datetime] = {}
        self.use(model, rulesets)

    def use(self, model: Model, rulesets: tuple[Ruleset, ...]) -> None:
        self.world.use(model, rulesets)
        self.rulesets = rulesets
        self.acts = [(ruleset, rule, spec) for ruleset in rulesets for rule in ruleset.rules for spec in rule.do]
        texts = [value.text for rule in self.world.rules.values() for value in (*rule.let.values(), rule.when)]
        texts += [spec.while_.text for _, _, spec in self.acts if spec.while_]
        texts += [value.text for rule in self.world.rules.values() for value in rule.set.values()]
        texts += [
            field.derived.text for type in model.entities.values() for field in type.fields.values() if field.derived
        ]
        self.spans = {span for text in texts for span in _SPAN.findall(text)}

    # --- inputs -------------------------------------------------------------------------------------------------

    def apply(
        self, event: ChangeEvent | ActionChange | Watermark | Merge | Split, now: datetime, *, first_load: bool
    ) -> list[Made]:
        made = self.advance(now)
        first: list[Made] = []
        world = self.world
        match event:
            case ChangeEvent():
                if event.deleted:
                    world.forget(event.entity, event.id, event.record)
                else:
                    world.tell(event.entity, event.id, event.record, event.keys, event.fields)
                if not first_load:
                    self.sources.speak(event.record.partition("/")[0], self.now)
            case ActionChange():
                self.became(event)
            case Watermark():
                self.sources.hear(event.source, event.at.astimezone(UTC))
            case Merge():
                first = merge(self, event)
            case Split():
                doubtful = affected(self, event)
                split(self, event)
                made += self.batch(first, seeding=first_load)
                standing = [life for life in self.lives.values() if life.live and life.proposal in doubtful]
                return made + [self.made("ask", life) for life in sorted(standing, key=lambda life: life.named)]
        return made + self.batch(first, seeding=first_load)

    def advance(self, to: datetime) -> list[Made]:
        made: list[Made] = []
        while (moment := self.next_instant(to)) is not None:
            self.now = moment
            self.sources.by_time = True
            made += self.batch(seeding=False)
            self.sources.by_time = False
        self.now = to.astimezone(UTC)
        self.world.now = self.now.astimezone(self.zone)
        return made

    def adopt(self, model: Model, rulesets: tuple[Ruleset, ...]) -> list[Made]:
        """Go on under other rules."""
        renamed = {(ruleset.id, rule.was): rule.id for ruleset in rulesets for rule in ruleset.rules if rule.was}
        self.lives = {(key[0], renamed.get(key[:2], key[1]), *key[2:]): life for key, life in self.lives.items()}
        self.cooling = {(key[0], renamed.get(key[:2], key[1]), *key[2:]): at for key, at in self.cooling.items()}

        def now_called(name: str) -> str:
            ruleset, rule, *action = name.split("/")
            return "/".join((ruleset, renamed.get((ruleset, rule), rule), *action))

        for memory in (self.world.truths, self.world.standing, self.sources.waiting):
            for name, subject in [*memory]:
                memory[now_called(name), subject] = memory.pop((name, subject))  # type: ignore[attr-defined]
        self.sources.seeds = {(now_called(name), subject) for name, subject in self.sources.seeds}
        self.use(model, rulesets)
        known = {(ruleset.id, rule.id, spec.id) for ruleset, rule, spec in self.acts}
        gone = {key: life for key, life in self.lives.items() if key[:3] not in known}
        self.lives = {key: life for key, life in self.lives.items() if key[:3] in known}
        texts = {name: rule.when.text for name, rule in self.world.rules.items()} | {
            f"{ruleset.id}/{rule.id}/{spec.id}": spec.while_.text for ruleset, rule, spec in self.acts if spec.while_
        }
        for asked in [*self.sources.waiting]:
            if not self.sources.rests(texts.get(asked[0], "")):
                self.sources.drop(asked)
        self.sources.seeding = True
        self.world.at(self.now.astimezone(self.zone))
        made = self.review(seeding=True)
        made += [
            self.made("withdraw", each) for each in sorted(gone.values(), key=lambda life: life.named) if each.live
        ]
        for each in made:
            self.live_on(each)
        return made + self.batch(seeding=False)

    # --- time ---------------------------------------------------------------------------------------------------

    def next_instant(self, to: datetime) -> datetime | None:
        """The first moment until `to` at which anything might change: every midnight, every shifted time, every timer."""
        day = self.now.astimezone(self.zone).date() + timedelta(days=1)
        found = {datetime.combine(day, time(), tzinfo=self.zone), *self.shifted()}
        found |= set(self.cooling.values())
        for key, life in self.lives.items():
            spec = self.spec(key)
            found |= {life.until} - {None}
            found |= {later(life.false_since, self.rearm(spec))} if life.false_since else set()
            found |= {later(life.sent_at, spec.repeat)} if life.sent_at and spec.repeat else set()
        return min((each.astimezone(UTC) for each in found if self.now < each <= to), default=None)

    def shifted(self) -> set[datetime]:
        """Every time that anything says, and every time that a rule makes of it."""
        found = set()
        for moment in self.world.moments():
            for span in self.spans:
                found |= {add(moment, duration(span), sign) for sign in (1, -1)}
            found.add(moment)
        return found | {moment.astimezone(UTC) + _TICK for moment in found}

    def instants(self, since: datetime) -> list[datetime]:
        """The moments from `since` until now at which time alone might have changed anything, no more than a month."""
        today = self.now.astimezone(self.zone).date()
        found = {datetime.combine(today - timedelta(days=back), time(), tzinfo=self.zone) for back in range(31)}
        return sorted(each.astimezone(UTC) for each in (since, *found, *self.shifted()) if since <= each <= self.now)

    # --- a batch ------------------------------------------------------------------------------------------------

    def batch(self, first: Sequence[Made] = (), *, seeding: bool) -> list[Made]:
        """Decide until nothing follows; what was decided is itself seen by the rules."""
        made: list[Made] = []
        self.sources.seeding = seeding
        while True:
            self.world.at(self.now.astimezone(self.zone))
            steps, first = [*first, *self.review(seeding=seeding)], ()
            if not steps:
                return made
            made += steps
            for step in steps:
                self.live_on(step)

    def review(self, *, seeding: bool) -> list[Made]:
        """Withdraw and expire first, then propose, each in order of the keys."""
        pairs = []
        for ruleset, rule, spec in self.acts:
            refs = {key[3] for key in self.lives if key[:3] == (ruleset.id, rule.id, spec.id)}
            refs |= {thing.ref for thing in self.world.things[rule.for_].values()}
            pairs += [((ruleset.id, rule.id, spec.id, ref), rule, spec) for ref in refs]
        pairs.sort(key=lambda pair: pair[0])
        ended = [self.end(*pair) for pair in pairs]
        begun = [self.begin(*pair, seeding=seeding or self.late(*pair[:2])) for pair in pairs]
        self.sources.seeded.clear()
        return [each for each in (*ended, *begun) if each is not None]

    def late(self, key: Key, rule: Rule) -> bool:
        """Whether it was true at a first load already, as is known only now."""
        return (f"{key[0]}/{rule.id}", key[3]) in self.sources.seeded

    def end(self, key: Key, rule: Rule, spec: ActionSpec) -> Made | None:
        life = self.lives.get(key)
        if life is None:
            return None
        if life.was_true and self.truth(key, rule) is False:
            life.was_true, life.false_since = False, self.now
        if not life.live:
            return None
        over = self.lasting(key, rule, spec) is False
        if over or self.beaten(key):
            life.live, life.ended = False, "withdrawn"
            life.false_since = life.false_since if over else self.now
            return self.made("withdraw", life)
        if life.until is not None and self.now >= life.until:
            life.live, life.ended = False, "expired"
            return self.made("expire", life)
        return None

    def begin(self, key: Key, rule: Rule, spec: ActionSpec, *, seeding: bool) -> Made | None:
        if self.truth(key, rule) is not True:
            return None
        life = self.lives.setdefault(key, Life())
        newly, life.was_true = not life.was_true, True
        if life.fired and not life.live and life.false_since is not None:
            paused = self.now >= later(life.false_since, self.rearm(spec))
            if paused and (newly or life.ended == "withdrawn"):
                life.fired = False
            elif life.ended != "withdrawn":
                life.false_since = None
        if newly and seeding and rule.existing == "seed" and not life.fired and not life.live:
            life.fired, life.ended = True, "seeded"
        if life.live or (life.fired and not self.repeats(life, spec)):
            return None
        if self.lasting(key, rule, spec) is not True or self.beaten(key) or self.cools(key):
            return None
        life.live = life.fired = True
        life.episode += 1
        life.ended, life.false_since, life.named = "", None, key
        life.proposal = f"{'/'.join(key)}#{life.episode}"
        life.until = later(self.now, spec.valid_for) if spec.valid_for else None
        if spec.cooldown:
            self.cool(key, spec, self.now)
        return self.made("propose", life, spec.group or "")

    def made(self, kind: str, life: Life, group: str = "") -> Made:
        """Name the decision as its episode was named, whatever was renamed or merged since."""
        return Made(kind, self.now, *life.named, life.proposal, group, self.root(life.named) if group else "")

    # --- what a decision asks -----------------------------------------------------------------------------------

    def truth(self, key: Key, rule: Rule, *, name: str = "", text: str = "") -> bool | None:
        thing = self.thing(key[3])
        if thing is None:
            return False
        return self.world.truth(name or f"{key[0]}/{rule.id}", rule, text or rule.when.text, thing)

    def lasting(self, key: Key, rule: Rule, spec: ActionSpec) -> bool | None:
        if spec.while_ is None:
            return self.truth(key, rule)
        return self.truth(key, rule, name=f"{key[0]}/{rule.id}/{spec.id}", text=spec.while_.text)

    def beaten(self, key: Key) -> bool:
        """Whether a stronger rule of the ruleset was, when last it could be told, true of the subject."""
        stronger = [f"{key[0]}/{name}" for name, rule in self.named(key[0]) if key[1] in rule.instead_of]
        return any(self.world.truths.get((name, key[3])) for name in stronger)

    def named(self, ruleset: str) -> list[tuple[str, Rule]]:
        return [(rule.id, rule) for each in self.rulesets if each.id == ruleset for rule in each.rules]

    def repeats(self, life: Life, spec: ActionSpec) -> bool:
        if not spec.repeat or life.ended != "sent" or life.sent_at is None:
            return False
        return self.now >= later(life.sent_at, spec.repeat)

    def cools(self, key: Key) -> bool:
        until = self.cooling.get((*key[:3], self.root(key)))
        return until is not None and self.now < until

    def rearm(self, spec: ActionSpec) -> str:
        return spec.rearm or ("PT0H" if spec.operation in self.inside else "P1D")

    def spec(self, key: Key) -> ActionSpec:
        return next(spec for ruleset, rule, spec in self.acts if (ruleset.id, rule.id, spec.id) == key[:3])

    def thing(self, ref: str) -> Thing | None:
        type, _, id = ref.partition(":")
        return self.world.things[type].get(id) if type in self.world.things else None

    def root(self, key: Key) -> str:
        thing = self.thing(key[3])
        if thing is None:
            return key[3]
        entity = self.world.types[thing.type]
        name = next((name for name, field in entity.fields.items() if field.ref and field.ref == entity.root), None)
        if name is None or entity.root == thing.type or thing.given(name) is None:
            return thing.ref
        found = self.world.keys[str(entity.root)].get(str(thing.given(name)))
        return found.ref if found else thing.ref

    # --- the life of actions as rules see it ----------------------------------------------------------------------

    def live_on(self, made: Made) -> None:
        """A decision makes or ends an entity `action`."""
        if made.kind != "propose":
            state = "withdrawn" if made.kind == "withdraw" else "expired"
            self.state(made.proposal, state, {"ended_at": self.now})
            return
        key = (made.ruleset, made.rule, made.action, made.subject)
        refs = dict(ref.split(":") for ref in (self.root(key), made.subject))
        names = {"ruleset": key[0], "rule": key[1], "action": key[2], "subject": key[3]}
        fields: Mapping[str, Any] = {
            **names, "operation": self.spec(key).operation, "state": "proposed", "proposed_at": self.now, **refs,
        }  # fmt: skip
        self.world.tell("action", made.proposal, made.proposal, (), fields)

    def state(self, proposal: str, state: str, stamps: Mapping[str, Any]) -> None:
        thing = self.world.find("action", proposal)
        if thing is not None and thing.given("state") != state:
            thing.records[proposal] = {**thing.records[proposal], **stamps, "state": state}

    def became(self, change: ActionChange) -> None:
        stamps: dict[str, Any] = {"by": change.by} if change.by else {}
        if change.state in ("sent", "rejected", "approved"):
            stamps["sent_at" if change.state == "sent" else "decided_at"] = change.at
        if change.state in ("sent", "rejected", "expired", "failed"):
            stamps["ended_at"] = change.at
            for key, life in self.lives.items():
                if life.proposal == change.proposal:
                    self.settled(key, life, change)
        else:
            stamps["ended_at"] = None
            for life in self.lives.values():
                if life.proposal == change.proposal and life.ended == "failed":
                    life.live, life.ended = True, ""
        self.state(change.proposal, change.state, stamps)

    def settled(self, key: Key, life: Life, change: ActionChange) -> None:
        life.live, life.ended = False, change.state
        if change.state == "sent":
            life.sent_at = change.at
            self.cool(key, self.spec(key), change.at)

    def cool(self, key: Key, spec: ActionSpec, since: datetime) -> None:
        """From proposing, so that no two wait together, and from sending."""
        if spec.cooldown:
            name, until = (*key[:3], self.root(key)), later(since, spec.cooldown)
            self.cooling[name] = max(self.cooling.get(name, until), until)
