"""What ``solve`` hands over, whatever the plan: documents, certificate, seal and a summary."""

from __future__ import annotations

import json
import sys
from argparse import Namespace
from collections.abc import Sequence
from typing import Any

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from matching import certificate, files, io
from matching.model import Code, Fault, Instance, ObjectiveCode
from matching.watch import Progress
from matching.words import ENGLISH


def signing_key(options: Namespace, instance: Instance | None) -> Ed25519PrivateKey | None:
    """The key that signs the certificate; what the options can't do together is refused."""
    if options.seal and (instance is None or not options.certificate):
        raise io.BadInput([Fault("command line", "--seal goes with --certificate and an Instance")])
    if options.key and not options.certificate:
        raise io.BadInput([Fault("command line", "--key goes with --certificate")])
    return _key(options.key) if options.key else None


def _key(path: str) -> Ed25519PrivateKey:
    try:
        key = load_pem_private_key(files.read(path), password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        if isinstance(error, io.BadInput):
            raise
        raise io.BadInput([Fault(path, "not an unencrypted PEM private key")]) from error
    if not isinstance(key, Ed25519PrivateKey):
        raise io.BadInput([Fault(path, "not an Ed25519 key")])
    return key


def hand_over(
    problem: certificate.AnyProblem,
    plan: certificate.AnyPlan,
    instance: Instance | None,
    key: Ed25519PrivateKey | None,
    summary: Sequence[str],
    options: Namespace,
) -> None:
    """Write the plan and what was asked for beside it, and say how it came out."""
    if options.problem and not options.problem.endswith(".npz"):
        files.write(options.problem, certificate.content(problem))
    if options.certificate:
        paper, seal = certificate.issue(problem, plan, instance=instance, key=key)
        files.write(options.certificate, io.dump(paper))
        if options.seal and seal is not None:
            files.write(options.seal, io.dump(seal))
    files.write(options.output, certificate.content(plan))
    lines = [json.dumps(_summary(plan), ensure_ascii=False)] if options.json else summary
    print(*lines, sep="\n", file=aside(options))


def aside(options: Namespace) -> Any:
    """Where a summary goes: to standard error when the document is on standard output."""
    return sys.stderr if options.output == "-" else sys.stdout


def _summary(plan: certificate.AnyPlan) -> dict[str, object]:
    return {
        "outcome": plan.outcome.value,
        "items": len(plan.items),
        "objectives": [
            line.model_dump(mode="json", exclude={"levels"}) for line in plan.objectives
        ],
    }


def teller(options: Namespace) -> Progress | None:
    """Who tells on standard error how far a solve is, when somebody watches."""
    if not sys.stderr.isatty():
        return None

    def tell(
        step: int, steps: int, objective: ObjectiveCode, value: int, bound: int, seconds: float
    ) -> None:
        if options.json:
            line = json.dumps(
                {"step": step, "steps": steps, "objective": objective.value, "value": value,
                 "bound": bound, "milliseconds": int(seconds * 1000)}
            )  # fmt: skip
        else:
            name = ENGLISH[objective]
            line = f"{step} of {steps}, {name}: {value}, bound {bound} ({seconds:.1f} s)"
        print(line, file=sys.stderr, flush=True)

    return tell


def coded(code: Code) -> dict[str, Any]:
    """A code and its parameters for JSON."""
    return {"code": code.code.value, "parameters": dict(code.parameters)}


def print_lines(options: Namespace, lines: Sequence[str]) -> None:
    """Write lines where the answer goes."""
    files.write(options.output, "".join(f"{line}\n" for line in lines).encode())
