"""A certificate binds a plan to its Problem and, sealed, to its Instance; it is checked offline.

Digests are HMAC-SHA-256 over canonical JSON, each with its own random salt of 32 bytes. Whoever
holds Problem and Plan can check theirs. The Instance's salt is not in the certificate: without
it a digest says nothing about levels and rule-outs, however few their combinations are. It is in
the :class:`~matching.model.Seal`, which belongs with the sealed Instance.

Signature: Ed25519 (RFC 8032) over the canonical JSON of the certificate without its signature.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Callable
from typing import TypeAlias

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from matching.io import canonical, dump
from matching.joint import documents
from matching.joint.model import JointPlan, JointProblem
from matching.model import (
    Certificate,
    Instance,
    Plan,
    Problem,
    Seal,
    Violation,
    ViolationCode,
)

AnyProblem: TypeAlias = Problem | JointProblem
AnyPlan: TypeAlias = Plan | JointPlan


def content(document: AnyProblem | AnyPlan) -> bytes:
    """The canonical JSON of a Problem or a plan."""
    if isinstance(document, JointProblem):
        return documents.dump_problem(document)
    if isinstance(document, JointPlan):
        return documents.dump_plan(document)
    return dump(document)


def issue(
    problem: AnyProblem,
    plan: AnyPlan,
    *,
    instance: Instance | None = None,
    key: Ed25519PrivateKey | None = None,
    salt: Callable[[int], bytes] = secrets.token_bytes,
) -> tuple[Certificate, Seal | None]:
    """Issue a certificate for a plan of mentorships alone or of several instruments.

    Parameters
    ----------
    instance
        When given, its salted digest is in the certificate and the salt in the seal.
    key
        Signs the certificate; without it the certificate is unsigned and says so.
    salt
        Source of random bytes.

    Returns
    -------
    Certificate
    Seal or None
        To be kept with the sealed Instance and nowhere else.
    """
    problem_salt, plan_salt = salt(32), salt(32)
    seal = Seal(instance_salt=salt(32).hex()) if instance is not None else None
    certificate = Certificate(
        problem_digest=digest(problem_salt, content(problem)),
        problem_salt=problem_salt.hex(),
        plan_digest=digest(plan_salt, content(plan)),
        plan_salt=plan_salt.hex(),
        instance_digest=(
            digest(bytes.fromhex(seal.instance_salt), dump(instance))
            if seal is not None and instance is not None
            else None
        ),
        outcome=plan.outcome,
        seed=plan.seed,
        workers=plan.workers,
        time_limit_ms=plan.time_limit_ms,
        versions=plan.versions,
        objectives=plan.objectives,
        public_key=key.public_key().public_bytes_raw().hex() if key is not None else None,
    )
    if key is not None:
        signature = key.sign(_signed_bytes(certificate)).hex()
        certificate = certificate.model_copy(update={"signature": signature})
    return certificate, seal


def digest(salt: bytes, content: bytes) -> str:
    """HMAC-SHA-256 in hexadecimal."""
    return hmac.new(salt, content, hashlib.sha256).hexdigest()


def _signed_bytes(certificate: Certificate) -> bytes:
    data = certificate.model_dump(mode="json")
    del data["signature"]
    return canonical(data)


def check_certificate(
    certificate: Certificate,
    problem: AnyProblem,
    plan: AnyPlan,
    *,
    instance: Instance | None = None,
    seal: Seal | None = None,
    public_key: str | None = None,
) -> list[Violation]:
    """Check that a certificate belongs to these documents and that its signature holds.

    Parameters
    ----------
    instance, seal
        For auditors: both are needed to check the Instance's digest.
    public_key
        The signer one expects, 64 hexadecimal digits. Without it a signature only shows that
        the certificate was not changed after whoever signed it.

    Returns
    -------
    list of Violation
    """
    found: list[Violation] = []

    def expect(fine: bool, code: ViolationCode, **parameters: str) -> None:
        if not fine:
            found.append(Violation(code, parameters))

    expect(
        _same(certificate.problem_salt, content(problem), certificate.problem_digest),
        ViolationCode.PROBLEM_DIGEST,
    )
    expect(
        _same(certificate.plan_salt, content(plan), certificate.plan_digest),
        ViolationCode.PLAN_DIGEST,
    )
    if instance is not None:
        if seal is None:
            expect(False, ViolationCode.INSTANCE_SALT_MISSING)
        else:
            expect(
                _same(seal.instance_salt, dump(instance), certificate.instance_digest or ""),
                ViolationCode.INSTANCE_DIGEST,
            )
    expect(certificate.objectives == plan.objectives, ViolationCode.CERTIFICATE_OBJECTIVES)
    for name in ("outcome", "seed", "workers", "time_limit_ms", "versions"):
        expect(
            getattr(certificate, name) == getattr(plan, name),
            ViolationCode.CERTIFICATE_SETTINGS,
            field=name,
        )
    found += _signature_faults(certificate, public_key)
    return found


def _same(salt: str, content: bytes, expected: str) -> bool:
    return hmac.compare_digest(digest(bytes.fromhex(salt), content), expected)


def _signature_faults(certificate: Certificate, expected: str | None) -> list[Violation]:
    if certificate.public_key is None or certificate.signature is None:
        unsigned = certificate.public_key is None and certificate.signature is None
        if unsigned and expected is None:
            return []
        return [Violation(ViolationCode.SIGNATURE_MISSING)]
    if expected is not None and certificate.public_key != expected:
        return [Violation(ViolationCode.SIGNER_UNEXPECTED, {"public_key": certificate.public_key})]
    try:
        key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(certificate.public_key))
        key.verify(bytes.fromhex(certificate.signature), _signed_bytes(certificate))
    except (InvalidSignature, ValueError):
        return [Violation(ViolationCode.SIGNATURE_INVALID)]
    return []
