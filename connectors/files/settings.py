"""The settings of a source of files."""

from collections.abc import Mapping
from typing import Annotated, Literal

import msgspec

from connectors.settings import SourceSettings, StreamSettings


class FileStream(StreamSettings, frozen=True, kw_only=True):
    """One file of rows.

    `path`: relative to the source's. `key`: columns that are unique together. `sheet`: of an XLSX workbook, by default
    its first. `columns`: names when the file has no header. `encoding`: default UTF-8, and Latin-1 (reported) for lines
    that are not. `complete`: the file is always whole, so a last line without newline counts and rows that vanish from
    it are gone; else it may still be growing.
    `rows`: lines that follow each other under one key are one record, and these columns make its list of that name;
    of a file that may still be growing, the last record is told once another follows.
    `told_to`: what the file does not tell has not happened up to the moment it was `written`, as an export of last
    night knows nothing of today; or up to when it was `read`, for a file kept as things happen, or that never changes.
    `where`, `deleted`, `valid_at`: FEEL over the columns. `visible`: FEEL, the moment from which a row may be known;
    `appears`: the same for single columns, which are null before; so a historical file can be played as it happened.
    """

    format: Literal["csv", "jsonl", "xlsx"]
    key: str | tuple[str, ...]
    path: str = ""
    sheet: str = ""
    delimiter: Annotated[str, msgspec.Meta(max_length=1)] = ""
    quote: Annotated[str, msgspec.Meta(min_length=1, max_length=1)] = '"'
    encoding: str = ""
    columns: tuple[str, ...] = ()
    complete: bool = False
    told_to: Literal["written", "read"] = "written"
    rows: Mapping[str, tuple[str, ...]] = {}
    where: str = ""
    deleted: str = ""
    valid_at: str = ""
    visible: str = ""
    appears: Mapping[str, str] = {}
    page_size: Annotated[int, msgspec.Meta(ge=1, le=100_000)] = 1000


class FilesSource(SourceSettings, frozen=True, kw_only=True):
    """A file, or a folder with a file for each stream; a relative path starts at the home folder."""

    path: str
    streams: Mapping[str, FileStream] = {}
