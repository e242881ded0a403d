"""Bundles: one revision of the configuration as an archive that is named by its own digest."""

from engine.bundles.archive import Bundle, Manifest, pack, unpack

__all__ = ["Bundle", "Manifest", "pack", "unpack"]
