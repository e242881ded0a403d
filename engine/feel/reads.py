from dataclasses import dataclass
@dataclass
class Reads:
    paths: frozenset
    time: str
def read_paths(node, types, functions):
    return Reads(frozenset(), "none")
