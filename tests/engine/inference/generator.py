"""Random models and rules, all from one seed; whether their conditions make sense is of no matter here."""

from collections.abc import Callable
from itertools import count

import msgspec

from engine.model.structs import EntityType, Field, Model, Rates
from engine.rules.structs import ActionSpec, Rule, Ruleset
from engine.source.expression import Expression
from tests.engine.inference.dice import Dice
from tests.engine.inference.resting import Resting


def e(text: str) -> Expression:
    return Expression(text)


class Maker(Dice):
    """Makes everything of one case."""

    def __init__(self, seed: int) -> None:
        super().__init__(seed)
        self.parts = count()
        self.rests = Resting()

    # --- the model ----------------------------------------------------------------------------------------------

    def model(self) -> Model:
        group = {
            "parent": Field(ref="group", inverse="subgroups", acyclic=True),
            "label": Field(type="text"),
            "depth": Field(type="number", derived=e("if parent = null then 0 else parent.depth + 1")),
            "mass": Field(
                type="number", derived=e("count(customers) + (if count(subgroups) = 0 then 0 else sum(subgroups.mass))")
            ),
        }
        customer = {
            "group": Field(ref="group", inverse="customers"),
            "segment": Field(type="text"),
            "vip": Field(type="boolean"),
            "limit": Field(type="number"),
            "credit": Field(type="money"),
            "contact": Field(type="datetime"),
            "balance": Field(type="number", derived=e(self.total())),
            "worth": Field(type="money", derived=e('sum(invoices[status = "open"].value)')),
            "quiet": Field(type="number", derived=e("if contact = null then 0 else (today() - since).days")),
            "since": Field(type="date"),
            "risk": Field(type="text", concluded="unique", default=e('"low"') if self.chance(0.5) else None),
            "score": Field(type="number", concluded="max"),
            "floor": Field(type="number", concluded="min"),
            "tags": Field(type="text", concluded="collect"),
            "tier": Field(type="number", concluded="priority", default=e("0")),
            "shaky": Field(type="boolean", derived=e(self.shaky())),
        }
        invoice = {
            "customer": Field(ref="customer", inverse="invoices"),
            "status": Field(type="text"),
            "amount": Field(type="number"),
            "value": Field(type="money"),
            "due": Field(type="date"),
            "seen": Field(type="datetime"),
            "disputed": Field(type="boolean"),
            "overdue": Field(
                type="number", derived=e('if status = "open" and today() > due then (today() - due).days else 0')
            ),
            "open_amount": Field(
                type="number", derived=e("if count(settlements) = 0 then amount else amount - sum(settlements.amount)")
            ),
            "late": Field(type="boolean", derived=e(self.late())),
            "level": Field(type="number", concluded=self.pick(("unique", "max")), default=e("0")),
        }
        payment = {
            "customer": Field(ref="customer", inverse="payments"),
            "invoice": Field(ref="invoice", inverse="settlements"),
            "amount": Field(type="number"),
            "paid_on": Field(type="date"),
            "at": Field(type="datetime"),
        }
        reply = {"customer": Field(ref="customer", inverse="replies"), "at": Field(type="datetime")}
        fx = {
            "of": Field(type="text"), "to": Field(type="text"), "day": Field(type="date"), "mid": Field(type="number"),
        }  # fmt: skip
        return Model(
            entities={
                "reply": EntityType(name="reply", root="customer", fields=reply),
                "fx": EntityType(name="fx", fields=fx, rates=Rates(base="of", quote="to", on="day", rate="mid")),
                "group": EntityType(name="group", root="group", fields=group),
                "customer": EntityType(name="customer", root="customer", fields=customer),
                "invoice": EntityType(name="invoice", root="customer", fields=invoice),
                "payment": EntityType(name="payment", root="customer", fields=payment),
            }
        )

    def total(self) -> str:
        return self.pick(
            ('sum(invoices[status = "open"].amount)', "sum(invoices[late].open_amount)", "sum(invoices.open_amount)")
        )

    def late(self) -> str:
        return self.pick((
            f'status = "open" and due + {self.days()} < today()',
            f"today() - due > {self.days()}",
            "overdue > 2",
            f"seen != null and now() - seen > {self.span().replace('P1M', 'P3D')}",
            "customer.vip and due < today()",
        ))  # fmt: skip

    def shaky(self) -> str:
        return self.pick((
            "some i in invoices satisfies i.late",
            "every i in invoices satisfies i.overdue > 1",
            'count(invoices[disputed]) > 0 or group.label = "north"',
            f"quiet > {self.number()}",
        ))  # fmt: skip

    # --- conditions ---------------------------------------------------------------------------------------------

    def condition(self, type: str, fields: tuple[str, ...] = ()) -> str:
        atom = {
            "group": self.of_group,
            "customer": self.of_customer,
            "invoice": self.of_invoice,
            "payment": self.of_payment,
        }[type]
        parts = [self.some_atom(atom, type, fields) for _ in range(self.pick((1, 1, 2, 2, 3)))]
        if len(parts) == 1:
            return parts[0]
        shape = self.random.random()
        if shape < 0.5:
            return self.rests.joined(" and ".join(f"({part})" for part in parts), parts)
        if shape < 0.75:
            return self.rests.joined(" or ".join(f"({part})" for part in parts), parts)
        if shape < 0.9:
            text = f"({parts[0]}) and not({' or '.join(f'({part})' for part in parts[1:])})"
            return self.rests.joined(text, parts[:1], parts[1:])
        other = self.pick(("false", "true", parts[-1]))
        text = f"if {parts[0]} then {parts[1]} else {other}"
        return self.rests.joined(text, [*parts[:2], other], parts[:1])

    def some_atom(self, atom: Callable[[tuple[str, ...]], str], type: str, fields: tuple[str, ...]) -> str:
        if type in ("customer", "invoice") and self.chance(0.15):
            return self.rests.atom(self, type)
        return atom(fields)

    def of_invoice(self, fields: tuple[str, ...]) -> str:
        n, d, s = self.number(), self.days(), self.span()
        own = [f"level >= {self.pick((1, 2))}", "level = 0"] if "level" in fields else []
        return self.pick([
            *own, 'status = "open"', 'status != "paid"', 'status in ("open", "late")', f"amount > {n}", f"amount in [1..{n + 3})",
            f"amount between {n} and 5", "due < today()", f"due <= today() + {d}", f"today() - due > {d}", f"today() > due + {d}",
            'due + duration("P1M") <= today()', 'today() - duration("P1M") >= due', f"(today() - due).days >= {n}", "not(disputed)",
            "disputed = true", f"now() > seen + {s}", f"now() - seen >= {d}", f"seen < now() - {d}", "seen = null", "due = null",
            'customer.segment = "retail"', "customer.vip", "customer.limit < amount", 'customer.group.label = "north"',
            'customer.group.parent.label != "south"', "count(settlements) = 0", "sum(settlements.amount) >= amount",
            f"some p in settlements satisfies p.amount > {n}", "value > customer.credit", "customer = null",
            f'in currency(value, "TRY", due) > {n}', 'in currency(value, "EUR", today()) < customer.credit', "overdue > 2",
            f"open_amount > {n}", "late", "customer.quiet > 1", 'customer.risk = "high"', "customer.score > 3",
            'customer.risk != "high"', "customer.balance > 5", f"count(customer.invoices[amount > {n}]) > 1",
            'count(actions[state = "sent"]) = 0', "some o in customer.invoices satisfies o.amount > amount",
        ])  # fmt: skip

    def of_customer(self, fields: tuple[str, ...]) -> str:
        n, d, s = self.number(), self.days(), self.span()
        own = {
            "risk": 'risk = "high"',
            "score": "score >= 2",
            "floor": "floor < 4",
            "tags": 'list contains(tags, "a")',
            "tier": "tier > 0",
        }
        window = f"payments[paid_on >= today() - {d}]"
        return self.pick([
            *(own[name] for name in fields if name in own and name != "tags"), "vip", 'segment = "retail"',
            'segment in ("retail", "key")', f"limit > {n}", "limit = null", f"count(invoices) >= {self.pick((1, 2))}",
            'count(invoices[status = "open"]) >= 1', "balance > limit", f"balance >= {n}", f"sum({window}.amount) > {n}",
            f"count({window}) >= 1", f"mean({window}.amount) < 5", f"count(payments[paid_on >= today() - {d} and paid_on < today()]) = 0",
            "some i in invoices satisfies i.amount > limit", 'every i in invoices satisfies i.status = "paid"',
            "some i in invoices satisfies i.late and i.amount > 1", "count(distinct values(invoices.status)) > 1",
            "max(invoices.amount) > 4", "min(invoices.due) < today()", 'group.label = "north"', 'group.parent.label = "north"',
            "group.depth > 0", f"group.mass > {n}", f"now() > contact + {s}", f"now() - max(payments.at) > {d}", "shaky", f"quiet >= {n}",
            "worth > credit", f'in currency(credit, "EUR", since) > {n}', f'in currency(worth, "TRY", today()) >= {n}', "sum(invoices.value) > credit", "sum(invoices[late].amount) > 3", "contact != null",
            'some a in actions satisfies a.state = "sent" and now() > a.sent_at + duration("P2D")',
            'count(actions[state = "rejected"]) = 0', "count(invoices[overdue > 2]) > 0", "sum(invoices.overdue) > 3",
            "some i in invoices satisfies i.customer.group.label = segment", "all(invoices.disputed)", "any(invoices.late)",
            "some i in invoices satisfies i.disputed or i.customer.vip",
        ])  # fmt: skip

    def of_group(self, fields: tuple[str, ...]) -> str:
        del fields
        n = self.number()
        return self.pick([
            'label = "north"', 'parent.label = "north"', f"depth > {self.pick((0, 1))}", f"mass >= {n}", "count(customers) > 1",
            "some c in customers satisfies c.vip", f"sum(customers.balance) > {n}", "count(customers[shaky]) > 0",
            'some c in customers satisfies c.risk = "high"', "max(customers.score) > 1", "parent = null", "every c in customers satisfies c.limit > 1",
            'count(customers[group.label = "north"]) = 1', "sum(customers.quiet) > 3",
        ])  # fmt: skip

    def of_payment(self, fields: tuple[str, ...]) -> str:
        del fields
        n, d, s = self.number(), self.days(), self.span()
        return self.pick([
            f"amount > {n}", "amount = invoice.amount", "invoice = null", "paid_on > invoice.due", f"paid_on + {d} < today()",
            f"now() > at + {s}", 'invoice.status = "open"', "customer = null", "customer.vip", "invoice.customer = null",
            "invoice.late", "invoice.overdue > 1", 'invoice.customer.group.label = "north"', "amount >= customer.limit",
        ])  # fmt: skip

    # --- rules --------------------------------------------------------------------------------------------------

    def rulesets(self, *, most: int = 7) -> tuple[Ruleset, ...]:
        """Conclusions first on the given fields only, then on concluded ones, then actions: so nothing loops."""
        rules: list[Rule] = []
        self.conclude(rules, "invoice", ("level",), plain=True)
        for _ in range(self.pick((1, 2, 3))):
            self.conclude(rules, "customer", ("risk", "score", "floor", "tags", "tier"), plain=True)
        for number in range(self.pick(range(2, most))):
            rules.append(self.acting(f"act{number}", [rule.id for rule in rules if rule.do]))
        self.random.shuffle(rules)
        half = len(rules) // 2 if self.chance(0.3) else len(rules)
        first, second = rules[:half], rules[half:]
        sets = [Ruleset(id="collections", rules=tuple(first)), Ruleset(id="service", rules=tuple(second))]
        return tuple(each for each in sets if each.rules)

    def conclude(self, rules: list[Rule], type: str, fields: tuple[str, ...], *, plain: bool) -> None:
        field = self.pick(fields)
        values = {
            "risk": ('"high"', '"low"', "segment"), "score": ("1", "4", "count(invoices)", "limit"), "floor": ("2", "limit"),
            "tags": ('"a"', '"b"', "segment"), "tier": ("1", "2"), "level": ("1", "2", "overdue"),
        }[field]  # fmt: skip
        for _ in range(self.pick((1, 2))):
            when = self.condition(type)
            while plain and any(
                name in when for name in ("risk", "score", "floor", "tags", "tier", "level", "actions")
            ):
                when = self.condition(type)
            rules.append(
                Rule(
                    id=f"set{len(rules)}",
                    for_=type,
                    when=e(when),
                    set={field: e(self.pick(values))},
                    priority=self.pick((0, 1, 1)),
                )
            )

    def acting(self, id: str, others: list[str]) -> Rule:
        type = self.pick(("invoice", "invoice", "customer", "customer", "group", "payment"))
        fields = ("risk", "score", "floor", "tier", "level")
        let = {f"part{next(self.parts)}": e(self.condition(type, fields))} if self.chance(0.2) else {}
        when = self.condition(type, fields)
        for name, part in let.items():
            when = self.rests.joined(f"{name} and ({when})", [part.text, when])
        return Rule(
            id=id, for_=type, let=let, when=e(when), do=tuple(self.action(f"do{n}", type) for n in range(self.pick((1, 1, 2)))),
            instead_of=(self.pick(others),) if others and self.chance(0.25) else (), existing=self.pick(("seed", "propose")),
        )  # fmt: skip

    def action(self, id: str, type: str) -> ActionSpec:
        maybe = lambda probability, *values: self.pick(values) if self.chance(probability) else None  # noqa: E731
        lasting = maybe(0.3, self.condition(type))
        return ActionSpec(
            id=id, operation=self.pick(("desk.note", "mail.send")), with_={"about": e("id")}, while_=e(lasting) if lasting else None,
            valid_for=maybe(0.25, "P1D", "P3D", "PT5H"), rearm=maybe(0.4, "PT1H", "P2D", "PT30H"), repeat=maybe(0.3, "P1D", "P2D"),
            cooldown=maybe(0.25, "P1D", "P3D"), group=maybe(0.2, "letters", "calls"),
        )  # fmt: skip

    def changed(self, rulesets: tuple[Ruleset, ...]) -> tuple[Ruleset, ...]:
        """Other rules: one dropped, one renamed, one with another condition, one more; or one of all this only."""
        if self.chance(0.5):
            return self.changed_little(rulesets)
        rules = [rule for ruleset in rulesets for rule in ruleset.rules]
        owner = {rule.id: ruleset.id for ruleset in rulesets for rule in ruleset.rules}
        found: list[tuple[Rule, str]] = []
        for rule in rules:
            luck = self.random.random()
            if luck >= 0.15:
                found.append((self.revised(rule, luck), owner[rule.id]))
        names = {rule.id for rule, _ in found}
        sets: dict[str, list[Rule]] = {ruleset.id: [] for ruleset in rulesets}
        for rule, home in found:
            kept = tuple(other for other in rule.instead_of if other in names)
            sets[home].append(msgspec.structs.replace(rule, instead_of=kept))
        sets[rulesets[0].id].append(self.acting(f"more{self.random.randrange(10**6)}", []))
        return tuple(Ruleset(id=id, rules=tuple(rules)) for id, rules in sets.items())

    def changed_little(self, rulesets: tuple[Ruleset, ...]) -> tuple[Ruleset, ...]:
        """One rule is dropped, renamed, has another condition, or is new."""
        ruleset = self.pick(rulesets)
        rules = [*ruleset.rules]
        if not rules or self.chance(0.3):
            rules.append(self.acting(f"more{self.random.randrange(10**6)}", [each.id for each in rules if each.do]))
        else:
            rule = self.pick(rules)
            changed = self.revised(rule, self.random.random() * 0.5) if rule.do else self.resettled(rule)
            rules = [each for each in rules if each is not rule] if self.chance(0.3) else [
                changed if each is rule else each for each in rules
            ]  # fmt: skip
        other = msgspec.structs.replace(ruleset, rules=tuple(rules))
        left = tuple(other if each is ruleset else each for each in rulesets)
        names = {rule.id for each in left for rule in each.rules}
        return tuple(
            msgspec.structs.replace(each, rules=tuple(tied_to(names, rule) for rule in each.rules)) for each in left
        )

    def resettled(self, rule: Rule) -> Rule:
        """Another condition for a rule that concludes, over given fields only."""
        when = self.condition(rule.for_)
        while any(name in when for name in ("risk", "score", "floor", "tags", "tier", "level", "actions")):
            when = self.condition(rule.for_)
        return msgspec.structs.replace(rule, when=e(when))

    def revised(self, rule: Rule, luck: float) -> Rule:
        if not rule.do or luck >= 0.5:
            return rule
        if luck < 0.3:
            return msgspec.structs.replace(rule, id=rule.id + "b", was=rule.id)
        return msgspec.structs.replace(rule, let={}, when=e(self.condition(rule.for_, ("risk", "score", "level"))))


def tied_to(names: set[str], rule: Rule) -> Rule:
    """The same rule, if all that it stands instead of is still there."""
    kept = tuple(other for other in rule.instead_of if other in names)
    return rule if kept == rule.instead_of else msgspec.structs.replace(rule, instead_of=kept)
