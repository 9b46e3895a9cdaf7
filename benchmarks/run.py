"""Every benchmark that needs nothing but this package: ``make bench``."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

for name in ("suite.py", "enforcement.py", "lint.py", "report.py", "writing.py"):
    print(f"\n== {name}", flush=True)
    subprocess.run([sys.executable, str(Path(__file__).with_name(name))], check=False)
