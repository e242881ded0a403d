"""Dates, times and durations past what the standard library holds, and their text and arithmetic."""
