"""Finding journal entries by their words; what the words are is for the caller to say."""

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Executable,
    Select,
    column,
    delete,
    func,
    insert,
    literal_column,
    select,
    table,
    text,
)

from engine.store.journal import PARTITION
from engine.store.schema import journal_subjects, remembered

_WORDS: Final = table("remembered_words", column("rowid"), column("words"), column("rank"))
_REBUILD: Final = text("INSERT INTO remembered_words(remembered_words) VALUES ('rebuild')")
_WORD: Final = re.compile(r"\w+")
_DOTLESS: Final = str.maketrans({"ı": "i", "ß": "ss"})  # noqa: RUF001  (Turkish)
_MOST: Final = 12
_RANKED: Final = 1000


def folded(said: str) -> str:
    """Return the words of a text in one spelling: lower case, without accents, the Turkish letters as i."""
    plain = unicodedata.normalize("NFKD", said.casefold().translate(_DOTLESS))
    return " ".join(_WORD.findall("".join(char for char in plain if not unicodedata.combining(char))))


def remembering(rows: Sequence[Mapping[str, Any]], dialect: str) -> Iterator[tuple[Executable, Any]]:
    """The statements, with their rows, that let entries be found; on SQLite the words stand in the index alone.

    No trigger does it: a schema that is not trusted may not touch a virtual table from one.
    """
    if dialect == "sqlite":
        yield insert(_WORDS), [{"rowid": row["seq"], "words": row["words"]} for row in rows]
    yield insert(remembered), [{**row, "words": ""} if dialect == "sqlite" else row for row in rows]


def forgetting(persons: Sequence[str]) -> Iterator[Executable]:
    """The statements by which SQLite's index forgets; written anew, so that deleted words do not linger in it."""
    yield delete(_WORDS).where(_WORDS.c.rowid.in_(select(remembered.c.seq).where(remembered.c.person.in_(persons))))
    yield _REBUILD


def found(asked: str, subject: str, limit: int, dialect: str) -> Select[Any] | None:
    """The numbers of entries that hold all words of `asked`, the last one begun; None when it holds no word.

    Of many the newest are ranked: words that everybody uses would make every search as slow as the journal is long.
    """
    words = folded(asked).split()[:_MOST]
    if not words:
        return None
    statement, ranked = _postgres(words) if dialect == "postgresql" else _sqlite(words)
    number = statement.selected_columns[0]
    if subject:
        about = select(journal_subjects.c.seq).where(
            journal_subjects.c.partition == PARTITION, journal_subjects.c.subject == subject
        )
        statement = statement.where(number.in_(about))
    newest = statement.add_columns(ranked.label("ranked")).order_by(number.desc()).limit(max(limit, _RANKED)).subquery()
    return select(newest.c.seq).order_by(newest.c.ranked, newest.c.seq.desc()).limit(limit)


def _postgres(words: list[str]) -> tuple[Select[Any], ColumnElement[Any]]:
    asked = func.to_tsquery("simple", " & ".join([*words[:-1], f"{words[-1]}:*"]))
    told = func.to_tsvector(literal_column("'simple'"), remembered.c.words)  # as the index has it
    return select(remembered.c.seq).where(told.op("@@")(asked)), -func.ts_rank(told, asked)


def _sqlite(words: list[str]) -> tuple[Select[Any], ColumnElement[Any]]:
    asked = " ".join([*(f'"{word}"' for word in words[:-1]), f'"{words[-1]}"*'])
    matches = literal_column("remembered_words").op("MATCH")(asked)
    return select(_WORDS.c.rowid.label("seq")).where(matches), _WORDS.c.rank
