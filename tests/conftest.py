"""Fixtures of every test."""

from tests.disks import small_disk

__all__ = ["small_disk"]
