"""Evals: how well the rules decide, measured."""
