"""From a decision to the outside world: words, policy, the inbox, the outbox.

    proposing.Proposing     decision (and draft) -> action, pending or past the inbox as policy says; withdraws, expires
    drafting.service        prompt file + facts -> guarded words; the template needs no model
    inbox.Inbox.decide      a person's word on one version, for every channel
    links.Links             the same word by e-mail link
    dispatch.dispatcher     what was approved -> sent once, with a receipt
    dispatch.unknown        what nobody knows the end of -> looked up, repeated where that is safe
    dispatch.aftercare      what a person settles: unknown ones, dead letters

Every change of state goes through `life.Life.move`: compare and set, journal, tell the engine, in one transaction.
"""
