import pytest

from api.bundles.building import from_git
from api.bundles.library import Library
from api.bundles.trial import Tried, attempt
from engine.bundles import Bundle, unpack
from engine.rules import load_home
from engine.source import ConfigError


def test_a_revision_gives_the_same_bundle_every_time(repo):
    content = from_git(repo.home, "main")
    repo.edit("P7D", "P9D")
    repo.commit("another")
    assert from_git(repo.home, "main~1") == content


def test_it_holds_the_review_that_let_it_in(repo):
    bundle = unpack(repo.later(9, "Later\n\nReviewed-by: Grace Hopper <grace@example.org>"))
    manifest = bundle.manifest
    assert manifest.author == "Ada <ada@example.org>"
    assert manifest.approvers == ("Grace Hopper <grace@example.org>",)
    assert manifest.authors == {"reminders/late": ("Ada <ada@example.org>",)}
    assert (manifest.subject, len(manifest.commit)) == ("Later", 40)


def test_its_revision_is_the_one_that_decisions_carry(repo):
    assert unpack(from_git(repo.home, "main")).manifest.revision == load_home(repo.home).revision


def test_a_faulty_revision_gives_none(repo):
    repo.edit("oldest_due !=", "oldest_dew !=")
    repo.commit("a slip")
    with pytest.raises(ConfigError, match="oldest_due"):
        from_git(repo.home, "main")


def test_a_bundle_is_tried_with_its_examples(repo):
    assert isinstance(attempt(unpack(from_git(repo.home, "main"))), Tried)
    (repo.home / "rules/reminders/examples.yaml").write_text(
        "format: 1\nexamples:\n  - name: something happens\n    at: 2026-03-02T09:00:00+03:00\n    given:\n"
        "      customer: [{id: C1}]\n    then:\n      - propose: late/remind for customer:C1\n"
    )
    repo.commit("an example that does not hold")
    problems = attempt(unpack(from_git(repo.home, "main")))
    assert [each.code for each in problems] == ["example-failed"]


def test_the_library_keeps_each_bundle_once_and_notices_tampering(repo):
    library = Library(repo.home)
    content = from_git(repo.home, "main")
    kept = library.put(content)
    assert library.put(content) == kept
    assert library.ids() == [kept.id]
    assert library.get(kept.id[:8]) == kept
    (library.folder / f"{kept.id}.tar").write_bytes(repo.later(9))
    assert [each.code for each in library.get(kept.id)] == ["broken-bundle"]
    assert not isinstance(library.put(b"no archive"), Bundle)
