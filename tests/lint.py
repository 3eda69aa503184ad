"""``./run lint``: everything that reads the code without running it. Exits with 1 at any fault."""

from __future__ import annotations

import subprocess
import sys

CHECKS: tuple[tuple[str, ...], ...] = (
    ("ruff", "check", "."),
    ("ruff", "format", "--check", "."),
    ("mypy",),
    ("djlint", "templates", "--check", "--lint", "--quiet"),
    ("lint-imports",),
    ("python", "-m", "tests.catalogs"),
)


def main() -> int:
    failed = []
    for check in CHECKS:
        print("==", " ".join(check), flush=True)
        if subprocess.run(check).returncode:
            failed.append(" ".join(check))
    for name in failed:
        print("failed:", name)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
