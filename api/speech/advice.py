"""What the figures suggest, in a sentence."""

from api.insight.outcome import Next
from api.words import Words


def advice(next: Next, words: Words) -> str:
    """Say what to do next."""
    rule = words.label(next.rule)
    told = {
        "failed": words.say.many(
            "{count} action of “{rule}” failed or is unclear: say what became of it.",
            "{count} actions of “{rule}” failed or are unclear: say what became of them.",
            next.count,
            rule=rule,
        ),
        "expired": words.say.many(
            "{count} action of “{rule}” expired because nobody decided: decide sooner, or ask somebody else too.",
            "{count} actions of “{rule}” expired because nobody decided: decide sooner, or ask somebody else too.",
            next.count,
            rule=rule,
        ),
        "rejected": words.say.many(
            "“{rule}” was edited or rejected {count} time: look at the reasons and change the rule.",
            "“{rule}” was edited or rejected {count} times: look at the reasons and change the rule.",
            next.count,
            rule=rule,
        ),
        "trusted": words.say.many(
            "“{rule}” was nearly always approved as it was ({count} decision): ask for more autonomy.",
            "“{rule}” was nearly always approved as it was ({count} decisions): ask for more autonomy.",
            next.count,
            rule=rule,
        ),
    }
    return told[next.kind]
