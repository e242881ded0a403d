"""`keep: read`: fields that nothing reads stay in their source, until a rule reads them."""

from api.bootstrap import open_layer
from api.clock import SystemClock

LOUD = """
  - id: has_phone
    for: customer
    when: phone != null
    do:
      - id: call
        operation: mail.send
        with: {to: email, subject: '"Hello"', text: phone}
"""


def prepare(home, keep):
    for name, old, new in (
        ("config/app.yaml", "format: 1\n", f"format: 1\nkeep: {keep}\n"),
        ("config/model.yaml", "      name: text\n", "      name: text\n      phone: {type: text, personal: true}\n"),
        ("mappings/ledger.yaml", "        name: name\n", "        name: name\n        phone: phone\n"),
    ):
        text = (home / name).read_text()
        assert old in text
        (home / name).write_text(text.replace(old, new, 1))
    (home / "data" / "customers.csv").write_text("id,name,email,phone\nC1,Acme,a@example.org,5551234567\n")


async def synced(home):
    async with open_layer(home, SystemClock()) as layer:
        await layer.sync()
        customer = layer.parts.pipeline.session.state.find("customer:C1")
        coverage = [each.body["fields"] for each in await layer.parts.store.entries(kinds=("coverage",))]
        return customer.values, coverage, len(await layer.parts.store.actions())


async def test_all_that_is_mapped_is_kept_unless_said_otherwise(home):
    prepare(home, "all")
    values, (covered,), _ = await synced(home)
    assert values["phone"] == "5551234567"
    assert "customer.phone" in covered


async def test_what_nothing_reads_is_not_kept_and_read_again_once_a_rule_reads_it(home):
    prepare(home, "read")
    values, (covered,), _ = await synced(home)
    assert "phone" not in values
    assert (values["name"], "customer.phone" in covered) == ("Acme", False)
    ruleset = home / "rules" / "reminders" / "ruleset.yaml"
    ruleset.write_text(ruleset.read_text().rstrip("\n") + LOUD)
    values, covered, actions = await synced(home)
    assert values["phone"] == "5551234567"
    assert ["customer.phone" in each for each in covered] == [False, True]
    assert actions == 0, "what is already true when a rule comes is remembered and proposes nothing"


async def test_what_a_mapping_comes_to_name_is_read_from_the_start(home):
    prepare(home, "all")
    mapping = home / "mappings" / "ledger.yaml"
    whole = mapping.read_text()
    mapping.write_text(whole.replace("        phone: phone\n", ""))
    values, _, _ = await synced(home)
    assert "phone" not in values
    mapping.write_text(whole)
    values, _, _ = await synced(home)
    assert values["phone"] == "5551234567"


async def test_what_is_mapped_in_another_way_is_read_from_the_start(home):
    prepare(home, "all")
    await synced(home)
    mapping = home / "mappings" / "ledger.yaml"
    mapping.write_text(mapping.read_text().replace("        name: name\n", "        name: upper case(name)\n"))
    values, _, actions = await synced(home)
    assert (values["name"], actions) == ("ACME", 0)


async def test_what_is_gone_meanwhile_is_gone_when_it_is_read_from_the_start(home):
    prepare(home, "all")
    sources = home / "config" / "sources.yaml"
    whole = "path: customers.csv, key: [id], complete: true}"
    sources.write_text(sources.read_text().replace("path: customers.csv, key: [id]}", whole))
    (home / "data" / "customers.csv").write_text("id,name,email,phone\nC1,Acme,,\nC2,Bolt,,\n")
    await synced(home)
    (home / "data" / "customers.csv").write_text("id,name,email,phone\nC1,Acme,,\n")
    mapping = home / "mappings" / "ledger.yaml"
    mapping.write_text(mapping.read_text().replace("        name: name\n", "        name: upper case(name)\n"))
    async with open_layer(home, SystemClock()) as layer:
        await layer.sync()
        state = layer.parts.pipeline.session.state
        assert state.find("customer:C1").values["name"] == "ACME"
        assert not any(part.record == "ledger/customers/C2" for each in state for part in each.parts)


async def test_a_mapping_that_says_the_same_in_other_lines_is_not_read_again(home):
    prepare(home, "all")
    await synced(home)
    mapping = home / "mappings" / "ledger.yaml"
    mapping.write_text("# The ledger of the company.\n\n" + mapping.read_text())
    async with open_layer(home, SystemClock()) as layer, layer.parts.store.transaction() as tx:
        assert await tx.cursor("ledger", "customers") != ""


async def test_of_a_mapping_only_the_stream_that_changed_is_read_again(home):
    prepare(home, "all")
    await synced(home)
    mapping = home / "mappings" / "ledger.yaml"
    mapping.write_text(mapping.read_text().replace("        name: name\n", "        name: upper case(name)\n"))
    async with open_layer(home, SystemClock()) as layer, layer.parts.store.transaction() as tx:
        assert await tx.cursor("ledger", "customers") == ""
        assert await tx.cursor("ledger", "invoices") != ""
