import io
import tarfile
from hashlib import sha256

import pytest

from engine.bundles import Bundle, Manifest, pack, unpack

FILES = {"rules/b/ruleset.yaml": b"b", "config/app.yaml": b"a", "rules/\u00fc/ruleset.yaml": b"u"}


def manifest(**more) -> Manifest:
    return Manifest(revision="r", files={name: sha256(each).hexdigest() for name, each in FILES.items()}, **more)


def tar(*entries: tuple[tarfile.TarInfo, bytes]) -> bytes:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as archive:
        for entry, content in entries:
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    return stream.getvalue()


def test_the_same_content_gives_the_same_bytes_in_any_order():
    turned = dict(reversed(FILES.items()))
    assert pack(manifest(), FILES) == pack(manifest(), turned)


def test_the_id_is_the_digest_of_the_bytes_and_the_review_is_part_of_it():
    content = pack(manifest(approvers=("Grace <grace@example.org>",)), FILES)
    bundle = unpack(content)
    assert isinstance(bundle, Bundle)
    assert bundle.id == sha256(content).hexdigest()
    assert bundle.files == FILES
    assert bundle.id != unpack(pack(manifest(), FILES)).id


def test_a_changed_byte_is_found():
    content = pack(manifest(), FILES)
    problems = unpack(content.replace(b"\x00b\x00", b"\x00x\x00", 1) if b"\x00b\x00" in content else content[:-1])
    assert {each.code for each in problems} == {"broken-bundle"}


def test_files_are_neither_missing_nor_smuggled_in():
    assert "is there and not listed" in unpack(pack(manifest(), FILES | {"config/x.yaml": b""}))[0].message
    assert "is listed and not there" in unpack(pack(manifest(), {"config/app.yaml": b"a"}))[0].message


def test_times_and_owners_are_no_part_of_a_bundle():
    with tarfile.open(fileobj=io.BytesIO(pack(manifest(), FILES))) as archive:
        entries = [(entry, archive.extractfile(entry).read()) for entry in archive]
    entries[0][0].mtime = 1
    assert "bytes are not those" in unpack(tar(*entries))[0].message


@pytest.mark.parametrize("name", ["../outside", "/etc/passwd", "a//b", "a\\b"])
def test_what_leads_out_of_a_home_is_refused(name):
    assert "is no ordinary file" in unpack(tar((tarfile.TarInfo(name), b"")))[0].message


def test_links_are_refused():
    link = tarfile.TarInfo("config/app.yaml")
    link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
    assert "is no ordinary file" in unpack(tar((link, b"")))[0].message


@pytest.mark.parametrize("kind", [tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.FIFOTYPE, tarfile.DIRTYPE])
def test_what_is_no_file_is_refused(kind):
    entry = tarfile.TarInfo("config/app.yaml")
    entry.type = kind
    assert "is no ordinary file" in unpack(tar((entry, b"")))[0].message


def test_a_sparse_file_that_is_larger_than_the_archive_is_not_read():
    entry = tarfile.TarInfo("config/app.yaml")
    entry.type = tarfile.GNUTYPE_SPARSE
    content = bytearray(tar((entry, b"")))
    content[386:410] = b"00000000000\0" * 2  # where the first of its pieces stands, and its length
    content[483:495] = b"00003640000\0"  # how large it is when all is there
    content[148:156] = b"%06o\0 " % (sum(content[:148]) + 8 * 32 + sum(content[156:512]))
    with tarfile.open(fileobj=io.BytesIO(bytes(content))) as archive:
        assert [(each.issparse(), each.size) for each in archive] == [(True, 1_000_000 - 576)]
    assert "is no ordinary file" in unpack(bytes(content))[0].message


@pytest.mark.parametrize("content", [b"", b"no archive", b"\x1f\x8b" + b"x" * 600, b"\0" * 10240])
def test_what_is_no_archive_is_told_so(content):
    assert [each.code for each in unpack(content)] == ["broken-bundle"]
