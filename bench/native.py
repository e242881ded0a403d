"""A wheel in which the engine's hot path is compiled: `make native`, or `python -m bench.native [DIST]`.

mypyc compiles the modules that pyproject.toml lists under `hooks.mypyc`, from the same sources that run without it.
It works on a copy, so that no compiled module stays behind in the checkout and hides a changed source. It needs a C
compiler and the Python headers; the wheel fits this version of Python on this kind of machine only.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

HOME = Path(__file__).resolve().parent.parent
LEFT_OUT = shutil.ignore_patterns(".*", "__pycache__", "*.so", "var", "dist", "build", "tests", "docs", "node_modules")


def build(dist, optimised=3):
    """Build the wheel into a folder, by default as fast as the compiler can make it; returns pip's exit code."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "opslayer"
        shutil.copytree(HOME, copy, ignore=LEFT_OUT)
        settings = copy / "pyproject.toml"
        hook = "[tool.hatch.build.targets.wheel.hooks.mypyc]"
        level = f'{hook}\noptions = {{opt_level = "{optimised}"}}'
        settings.write_text(settings.read_text(encoding="utf-8").replace(hook, level), encoding="utf-8")
        command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", str(dist), str(copy)]
        return subprocess.run(
            command, check=False, env={**os.environ, "HATCH_BUILD_HOOK_ENABLE_MYPYC": "true"}
        ).returncode


def main():
    """Build into DIST, by default dist/."""
    return build(Path(sys.argv[1] if len(sys.argv) > 1 else HOME / "dist").resolve())


if __name__ == "__main__":
    sys.exit(main())
