"""Show why durable_rules is no run-time engine here: `python docs/decisions/durable_rules_limits.py`.

Each limit runs in a process of its own, stopped after ten seconds.
"""

import multiprocessing
import sys
from collections.abc import Callable


def compares_text_with_numbers() -> str:
    """A text is greater than a number."""
    from durable.lang import assert_fact, m, ruleset, when_all

    matched = []
    with ruleset("texts"):

        @when_all(m.amount > 0.3)
        def over(c: object) -> None:
            matched.append(c)

    assert_fact("texts", {"id": 1, "amount": "400"})
    return f'"400" > 0.3 is {bool(matched)}'


def cannot_update_a_fact() -> str:
    """The same fact with another value is refused."""
    from durable.lang import assert_fact, m, ruleset, when_all

    with ruleset("updates"):

        @when_all(m.status == "open")
        def still_open(_c: object) -> None:
            pass

    assert_fact("updates", {"id": 1, "status": "open"})
    try:
        assert_fact("updates", {"id": 1, "status": "paid"})
    except Exception as refusal:  # noqa: BLE001  (the library raises bare exceptions)
        return f"a second value for the same fact: {refusal}"
    return "a second value for the same fact stands beside the first, which is never taken back"


def takes_few_siblings(count: int) -> str:
    """So many rules over one kind of fact."""
    from durable.lang import assert_fact, m, ruleset, when_all

    with ruleset(f"many{count}"):
        for number in range(count):

            @when_all((m.group == number) & (m.amount > number))
            def rule(_c: object) -> None:
                pass

    assert_fact(f"many{count}", {"id": 1, "group": 1, "amount": 5})
    return f"{count} sibling rules are taken"


def run(work: Callable[..., str], *arguments: int) -> str:
    """Return what the work says, or how it ended."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        try:
            return pool.apply_async(work, arguments).get(timeout=10)
        except multiprocessing.TimeoutError:
            return f"{work.__name__}{arguments or ''} never ended"
        except Exception as fault:  # noqa: BLE001  (whatever the library raises is the finding)
            return f"{work.__name__}{arguments or ''}: {fault}"


def main() -> int:
    """Print what each shows."""
    try:
        import durable.lang  # noqa: F401
    except ImportError:
        sys.stdout.write("durable_rules is not installed: pip install durable_rules==2.0.28\n")
        return 1
    for said in (
        run(compares_text_with_numbers),
        run(cannot_update_a_fact),
        run(takes_few_siblings, 510),
        run(takes_few_siblings, 513),
    ):
        sys.stdout.write(f"{said}\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
