"""A process that makes children on demand, each to be killed in the middle of its work.

Each line of stdin is ``url key secret ledgers run``: a child of its own provisions the base chain there and
removes it again. Answers ``child PID`` at once and ``ended STATUS`` when it is over.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from rolecall.chains import load_chain
from tests.account.targets import ROOT, make_target, make_workshop


def main() -> None:
    chain = load_chain(ROOT / "policies" / "assume-role")
    warm = make_target("http://127.0.0.1:9", ("AKIAIOSFODNN7EXAMPLE", "x" * 40, None), Path(), "warm")
    for service in ("iam", "sts", "ec2"):
        warm.session("AKIAIOSFODNN7EXAMPLE", "x" * 40, None, "us-east-1").client(service)
    for line in sys.stdin:
        url, key, secret, ledgers, run = line.split()
        started, go = os.pipe()
        child = os.fork()
        if child == 0:
            os.read(started, 1)
            target = make_target(url, (key, secret, None), Path(ledgers), run)
            workshop = make_workshop(target)
            workshop.live(chain)
            left = workshop.close()
            os._exit(1 if left else 0)
        print(f"child {child}", flush=True)
        os.write(go, b"x")
        _, status = os.waitpid(child, 0)
        os.close(started)
        os.close(go)
        print(f"ended {status}", flush=True)


main()
