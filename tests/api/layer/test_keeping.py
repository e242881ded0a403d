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
