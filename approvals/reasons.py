"""Why an action is rejected, in words that evals can count and rules can read (`actions[reason = "wrong_time"]`)."""

from collections.abc import Mapping
from typing import Final

REASONS: Final[Mapping[str, str]] = {
    "wrong_fact": "It rests on something that is not so.",
    "wrong_words": "The words are not right.",
    "wrong_recipient": "It goes to the wrong one.",
    "wrong_time": "It is right, but not now.",
    "already_done": "It was done already, elsewhere.",
    "never": "It is never to be proposed for this customer.",
    "other": "Something else, said in words.",
}

NEVER: Final = "never"
