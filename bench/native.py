"""What a native build of the hot path would bring: `python -m bench.native [FOLDER]` (default: var/native).

Copies the engine and the benches into the folder and compiles the modules below there with mypyc (of the development
group; it needs a C compiler). Nothing of the checkout changes. Afterwards, for instance:

    PYTHONPATH=var/native python -m bench engine
    PYTHONPATH=var/native python -m pytest --rootdir var/native var/native/tests/engine/inference
"""

import shutil
import subprocess
import sys
from pathlib import Path

HOT = ("activations", "conclude", "intake", "intervals", "proof", "session", "settle", "state", "totals")
COPIED = ("engine", "bench", "tests/engine", "tests/bench")


def main():
    """Copy, compile, say what to do."""
    target = Path(sys.argv[1] if len(sys.argv) > 1 else "var/native").resolve()
    here = Path(__file__).resolve().parent.parent
    shutil.rmtree(target, ignore_errors=True)
    for name in COPIED:
        shutil.copytree(here / name, target / name, ignore=shutil.ignore_patterns("__pycache__", "*.so"))
    (target / "pyproject.toml").write_text("[tool.mypy]\nignore_missing_imports = true\n", encoding="utf-8")
    modules = [f"engine/inference/{name}.py" for name in HOT]
    compiler = Path(sys.executable).with_name("mypyc")
    return subprocess.run([compiler, *modules], cwd=target, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
