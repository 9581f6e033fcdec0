"""The chain of the audit log: each row's hash is over its content and the hash of the row before. Pure."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

BEFORE_ALL = "0" * 64
"""The hash before the first row."""


@dataclass(frozen=True)
class Act:
    """What is to be written down. actor: an account's id, 'command', 'system'. subject_kind: 'interaction', 'contact'…

    Ids only, never what somebody said or an address: rows are kept when a person is erased. origin: from where.
    """

    actor: str
    role: str
    action: str
    subject_kind: str
    subject_id: str
    origin: str = ""
    detail: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class AuditRow:
    """at: ISO 8601 in UTC. detail: JSON text with sorted keys."""

    seq: int
    at: str
    actor: str
    role: str
    action: str
    subject_kind: str
    subject_id: str
    origin: str
    detail: str
    prev_hash: str
    hash: str


@dataclass(frozen=True)
class Verdict:
    """rows: how many follow from each other. head: the hash of the last of them. bad_seq, why: the first that does not;
    None when all do."""

    rows: int
    head: str
    bad_seq: int | None = None
    why: str = ""


def linked(act: Act, at: str, before: AuditRow | None) -> AuditRow:
    """The row of `act` behind `before` (None: it is the first)."""
    detail = json.dumps(dict(act.detail), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    content: dict[str, Any] = {
        "seq": before.seq + 1 if before else 1, "at": at, "actor": act.actor, "role": act.role, "action": act.action,
        "subject_kind": act.subject_kind, "subject_id": act.subject_id, "origin": act.origin, "detail": detail,
        "prev_hash": before.hash if before else BEFORE_ALL,
    }  # fmt: skip
    return AuditRow(**content, hash=_hash(content))


def verified(rows: Iterable[AuditRow], *, seq: int = 0, head: str = "") -> Verdict:
    """Whether `rows`, by seq, are a whole chain. seq, head: a row that was noted elsewhere, which must still be so;
    only that shows that rows are missing at the end."""
    count, before = 0, BEFORE_ALL
    for row in rows:
        expected = count + 1
        if row.seq != expected:
            return Verdict(count, before, expected, f"row {expected} is missing: row {row.seq} follows row {count}")
        content = {name: value for name, value in vars(row).items() if name != "hash"}
        if row.prev_hash != before:
            return Verdict(count, before, row.seq, f"row {row.seq} does not follow from row {count}")
        if row.hash != _hash(content):
            return Verdict(count, before, row.seq, f"row {row.seq} was altered")
        if row.seq == seq and head and row.hash != head:
            return Verdict(count, before, row.seq, f"row {row.seq} is not the one that was noted")
        count, before = row.seq, row.hash
    if count < seq:
        return Verdict(count, before, count + 1, f"row {count + 1} is missing: row {seq} was noted once")
    return Verdict(count, before)


def _hash(content: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True, separators=(",", ":")).encode()).hexdigest()
