"""Fixtures of every test, and how long generated ones may take: as long as the machine needs."""

from hypothesis import HealthCheck, settings

from tests.disks import small_disk

__all__ = ["small_disk"]

settings.register_profile("unhurried", settings.default, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("unhurried")
