"""Text with braces: `Paid {recent} days late`. Two braces, `{{`, stand for one."""

from engine.source.expression import Expression
from engine.source.problem import Problem

Part = str | Expression


def parts(text: Expression) -> tuple[tuple[Part, ...], list[Problem]]:
    """Split into plain texts and the expressions in braces, and return what is wrong with the braces."""
    found: list[Part] = []
    problems: list[Problem] = []
    source, plain, at = text.text, "", 0
    while at < len(source):
        two = source[at : at + 2]
        if two in ("{{", "}}"):
            plain, at = plain + two[0], at + 2
        elif source[at] == "{":
            end = _closing(source, at)
            if end < 0 or not source[at + 1 : end].strip():
                message = "this brace is never closed" if end < 0 else "there is nothing between these braces"
                problems.append(
                    Problem("stray-brace", message, text.at_offset(at), "for a brace in the text write `{{`")
                )
                plain, at = plain + source[at], at + 1
                continue
            found += [plain, text.part(at + 1, end)] if plain else [text.part(at + 1, end)]
            plain, at = "", end + 1
        elif source[at] == "}":
            hint = "for a brace in the text write `}}`"
            problems.append(Problem("stray-brace", "this brace closes nothing", text.at_offset(at), hint))
            plain, at = plain + "}", at + 1
        else:
            plain, at = plain + source[at], at + 1
    return tuple([*found, plain] if plain else found), problems


def _closing(source: str, start: int) -> int:
    """Find the brace that closes the one at `start`; braces in FEEL texts and contexts do not count."""
    depth, at, quoted = 0, start, False
    while at < len(source):
        letter = source[at]
        if quoted:
            at += letter == "\\"
            quoted = letter != '"'
        elif letter == '"':
            quoted = True
        elif letter in "{}":
            depth += 1 if letter == "{" else -1
            if not depth:
                return at
        at += 1
    return -1
