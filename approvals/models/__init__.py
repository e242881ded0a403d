"""Asking language models: by route and within limits, each call recorded and replayable.

calls.Calls      one question to one provider: limits, budget, answer held against its schema, journal
calls.Turn       one use of a route, whose providers share its time
"""
