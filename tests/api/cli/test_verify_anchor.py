"""`verify` says when the anchor file is not the one that was there from the first entry on."""

from tests.api.cli.test_codes import opslayer


def test_a_lost_anchor_file_is_told(tmp_path):
    home = str(tmp_path / "acme")
    assert opslayer("init", home).returncode == 0
    first = opslayer("--home", home, "verify")
    assert (first.returncode, "anchor file tells" in first.stdout) == (0, False)
    (tmp_path / "acme/.opslayer/anchor.log").unlink()
    second = opslayer("--home", home, "verify")
    assert second.returncode == 0
    assert "The anchor file tells of entry" in second.stdout
    assert "put its copy back and verify again" in second.stdout
