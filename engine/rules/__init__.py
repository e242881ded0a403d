"""Rulesets and everything else that a home folder holds."""

from engine.rules.expressions import check_expressions
from engine.rules.home import Home, prompt_file
from engine.rules.loading import load_home, read_home
from engine.rules.prompts import FrontMatter, Prompt
from engine.rules.slots import parts
from engine.rules.structs import ActionSpec, OutcomeSpec, Rule, Ruleset

__all__ = [
    "ActionSpec",
    "FrontMatter",
    "Home",
    "OutcomeSpec",
    "Prompt",
    "Rule",
    "Ruleset",
    "check_expressions",
    "load_home",
    "parts",
    "prompt_file",
    "read_home",
]
