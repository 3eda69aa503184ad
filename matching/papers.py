"""What an auditor holds beside a Problem and a plan: certificate, Instance, seal, plan before."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from matching import certificate, files, io
from matching.earlier import proposed, read_earlier
from matching.joint.model import JointPlan, JointProblem
from matching.model import Certificate, Fault, Instance, Plan, Seal, Violation


@dataclass(frozen=True)
class Papers:
    """The papers given; ``public_key`` is the signer expected."""

    certificate: Certificate | None = None
    instance: Instance | None = None
    seal: Seal | None = None
    previous: Plan | JointPlan | None = None
    public_key: str | None = None


READERS: dict[str, Callable[[str], object]] = {
    "certificate": lambda path: io.read_certificate(files.read(path)),
    "instance": lambda path: io.read_instance(files.read(path)),
    "seal": lambda path: io.read_seal(files.read(path)),
    "previous": read_earlier,
}


def read_papers(options: Namespace) -> Papers:
    """Read the papers that the options name.

    Raises
    ------
    BadInput
        With the faults of all of them.
    """
    given = {name: getattr(options, name) for name in READERS if getattr(options, name)}
    if "previous" in given and "instance" not in given:
        raise io.BadInput([Fault("command line", "--previous goes with --instance")])
    found = files.each(*(files.named(path, READERS[name]) for name, path in given.items()))
    return Papers(public_key=options.public_key, **dict(zip(given, found, strict=True)))


def any_given(options: Namespace) -> bool:
    """Whether the options name a paper or a signer."""
    return any(getattr(options, name) for name in (*READERS, "public_key"))


def check_papers(
    papers: Papers,
    problem: certificate.AnyProblem,
    plan: certificate.AnyPlan,
    audit: Callable[[Instance, Any], list[Violation]],
) -> tuple[list[str], list[Violation]]:
    """Check the papers against a Problem and a plan.

    Parameters
    ----------
    audit
        Says in what a Problem does not follow from an Instance.

    Returns
    -------
    tuple
        Lines for a reader, and the violations.
    """
    lines: list[str] = []
    violations: list[Violation] = []
    if papers.certificate is not None:
        found = certificate.check_certificate(
            papers.certificate, problem, plan, instance=papers.instance, seal=papers.seal,
            public_key=papers.public_key,
        )  # fmt: skip
        violations += found
        lines += ["Certificate", f"  {_certificate_line(papers.certificate, found)}"]
    if papers.instance is not None:
        instance = papers.instance
        if papers.previous is not None:
            alone = not isinstance(problem, JointProblem)
            before = proposed(instance.previous, papers.previous, alone=alone)
            instance = instance.model_copy(update={"previous": before})
        found = audit(instance, problem)
        violations += found
        state = f"{len(found)} differences" if found else "follows from the Instance"
        lines += ["Problem", f"  {state}"]
    return lines, violations


def _certificate_line(paper: Certificate, faults: list[Violation]) -> str:
    if faults:
        return f"{len(faults)} violations"
    signed = f"signed by {paper.public_key}" if paper.public_key else "not signed"
    return f"belongs to this Problem and this plan; {signed}"
