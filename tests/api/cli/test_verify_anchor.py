"""`verify` says when the anchor file is not the one that was there from the first entry on."""


def test_a_lost_anchor_file_is_told(home, call):
    first = call("verify")
    assert (first.code, "anchor file tells" in first.out) == (0, False)
    (home / ".opslayer/anchor.log").unlink()
    second = call("verify")
    assert second.code == 0
    assert "The anchor file tells of entry" in second.out
    assert "put its copy back and verify again" in second.out
