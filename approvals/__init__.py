"""Approvals: from a decision to a delivered action, never without leave."""
