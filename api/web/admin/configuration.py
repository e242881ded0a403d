"""What rules: the revision in force, the bundles, what took over and what was refused and why, the followed branch."""

from typing import Any

from api.facade import Layer
from api.web.tables import Table, columns
from api.words import Words


async def section(layer: Layer, words: Words) -> dict[str, Any]:
    """Return what the section of the configuration shows."""
    bundles, history, ruling = await layer.bundles(), await layer.config_history(), await layer.in_force()
    people = {each.id: each.name for each in layer.people()}
    say = words.say
    kept = columns(
        say("Id"), say("In force"), say("Since"), say("Written by"), say("Reviewed by"), say("Note"), say("Revision"),
        say("Commit"),
    )  # fmt: skip
    passed = columns(
        say("At"), say("What"), say("Who"), say("Revision"), say("Bundle"), say("Commit"), say("Written by"),
        say("Reviewed by"), say("Note"), say("Why"),
    )  # fmt: skip
    tables = {
        "bundles": Table(
            kept,
            [
                (
                    each.id, each.active, each.created_at, each.author, ", ".join(each.approvers), each.note,
                    each.revision, each.commit,
                )
                for each in bundles
            ],
        ),
        "history": Table(
            passed,
            [
                (
                    each.at, each.kind, each.by, each.revision, each.bundle, each.commit, each.author,
                    ", ".join(each.approvers), each.note, "; ".join(each.why),
                )
                for each in history
            ],
        ),
        "files": Table(columns(say("File")), [(each,) for each in ruling.files]),
    }  # fmt: skip
    choices = [
        ("in-force", say("what is in force")), ("", say("the files in the folder")),
        *((f"bundle:{each.id}", f"{each.id[:12]} {each.note}".strip()) for each in bundles if not each.active),
    ]  # fmt: skip
    return {
        "bundles": bundles, "history": history, "ruling": ruling, "people": people, "choices": choices,
        "tables": tables,
    }  # fmt: skip
