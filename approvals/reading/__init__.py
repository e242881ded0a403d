"""Texts become facts: a model where a route names one, patterns where none answers, a person where neither is sure.

asking.read_by_model   one question with a schema made of the step's facts; each value needs words of the text
patterns.read          the deterministic reading
readers.Readers        both in order, for one text
questions              what a person is asked, as an action of the inbox whose approval is the answer
"""
