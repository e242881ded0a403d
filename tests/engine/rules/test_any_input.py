"""Whatever a file holds, reading a home ends with problems, never with an exception."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.rules import load_home
from engine.source import Memory, Place

GOOD = Path(__file__).parents[2] / "cases" / "config" / "good"
FILES = {
    path.relative_to(GOOD).as_posix(): path.read_text(encoding="utf-8") for path in GOOD.rglob("*") if path.is_file()
}
PIECES = st.one_of(
    st.sampled_from(
        [
            "\n",
            "\t",
            " ",
            ":",
            ": ",
            "- ",
            "{",
            "}",
            "[",
            "]",
            '"',
            "'",
            "|",
            ">",
            "#",
            "&a ",
            "*a",
            "!x ",
            "<<: ",
            "---\n",
        ]
    ),
    st.sampled_from(
        ["null", "true", "1e999", "-1", "\ufeff", "\x00", "\u2028", "😀", "{{", "}}", "..", "@", "?", "%", "`"]
    ),
    st.text(max_size=5),
)


@pytest.mark.parametrize("file", sorted(FILES))
@settings(max_examples=10)
@given(data=st.data())
def test_a_changed_file_is_read_or_reported(file, data):
    text = FILES[file]
    for _ in range(data.draw(st.integers(1, 4))):
        start = data.draw(st.integers(0, len(text)))
        end = data.draw(st.integers(start, min(len(text), start + 30)))
        text = text[:start] + data.draw(PIECES) + text[end:]
    content = text.encode("utf-8", "surrogatepass")
    home = load_home(Memory({**FILES, file: content}))
    for problem in home.problems:
        assert problem.message
        place = problem.place or Place("")
        lines = home.texts.get(place.file, "").count("\n") + 1
        assert place.line == 0 or place.file not in home.texts or place.line <= lines


@settings(max_examples=60)
@given(content=st.binary(max_size=200))
def test_any_bytes_are_reported(content):
    home = load_home(Memory({**FILES, "config/models.yaml": content}))
    assert any(problem.place and problem.place.file == "config/models.yaml" for problem in home.problems)
