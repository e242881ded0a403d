"""The settings of a folder of bank statements."""

from collections.abc import Mapping
from typing import Annotated, Literal

import msgspec

from connectors.settings import SourceSettings, StreamSettings


class BankStream(StreamSettings, frozen=True, kw_only=True):
    """The statements whose file name fits `files`, a pattern such as `*.xml`.

    `encoding`: of MT940, by default UTF-8, else Latin-1; XML says its own.
    """

    format: Literal["camt053", "mt940"]
    files: str = "*"
    encoding: str = ""
    page_size: Annotated[int, msgspec.Meta(ge=1, le=10_000)] = 200


class BankSource(SourceSettings, frozen=True, kw_only=True):
    """A folder into which the bank's files come; a relative path starts at the home folder."""

    path: str
    streams: Mapping[str, BankStream] = {}
