"""What the states of actions, sources and stages are called."""

from collections.abc import Mapping

from api.words import Words


def state_words(words: Words) -> Mapping[str, str]:
    """Return what the states are called."""
    say = words.say
    return {
        "pending": say("waits for approval"), "proposed": say("being prepared"), "approved": say("approved"),
        "scheduled": say("scheduled"), "sending": say("being sent"), "sent": say("sent"), "unknown": say("unclear"),
        "failed": say("failed"), "withdrawn": say("withdrawn"), "rejected": say("rejected"),
        "expired": say("expired"), "edited": say("edited"), "delegated": say("given to a colleague"),
        "snoozed": say("put off"), "voted": say("approved by one, another is needed"), "claimed": say("looked after"),
        "commented": say("remark"), "asked": say("asked by mail"), "reminded": say("reminded"),
        "escalated": say("escalated"), "fresh": say("fresh"), "stale": say("stale"), "down": say("down"),
        "never": say("never read"), "shadow": say("shadow"), "approval": say("approval"),
        "autonomous": say("autonomous"),
    }  # fmt: skip
