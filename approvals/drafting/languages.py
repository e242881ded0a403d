"""The languages whose texts can be checked; in any other only the template speaks."""

from collections.abc import Mapping
from typing import Final

from approvals.drafting.english import ENGLISH
from approvals.drafting.lexicon import Lexicon
from approvals.drafting.turkish import TURKISH

LEXICONS: Final[Mapping[str, Lexicon]] = {"en": ENGLISH, "tr": TURKISH}
