"""A home folder with one pack in it."""

from connectors.packs import packs
from engine.mapping import compile_mapping
from engine.rules import load_home
from engine.source.folder import Memory

PACKS = {pack.name: pack for pack in packs()}


def home_of(name, source="    {}\n"):
    pack = PACKS[name]
    return load_home(
        Memory(
            {
                "config/app.yaml": "format: 1\ncompany: Acme\ntimezone: Europe/Istanbul\n",
                "config/model.yaml": "format: 1\nextends: base\nentities: {}\n",
                f"config/manifests/{name}.yaml": pack.manifest.replace("../../config/schemas", "../schemas"),
                "config/sources.yaml": f"format: 1\nsources:\n  {name}:\n    connector: {name}\n{source}",
                f"mappings/{name}.yaml": pack.mapping,
            }
        )
    )


def compiled(name):
    home = home_of(name, "")
    return compile_mapping(home.mappings[name], home.model, home.sources.sources[name], currency="TRY")
