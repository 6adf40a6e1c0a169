"""Reasons in plain words, as a plan puts them behind an action."""

from __future__ import annotations

from foretell.model.forecast import Reason

WORDS: dict[Reason, str] = {
    Reason.MISSING: "missing",
    Reason.DUPLICATE: "a second pod on its node",
    Reason.FAILED: "it has failed",
    Reason.SUCCEEDED: "it has ended",
    Reason.NOT_ELIGIBLE: "may not run on its node",
    Reason.NODE_GONE: "its node is gone",
    Reason.OUTDATED: "made from an old template",
    Reason.OUTDATED_UNHEALTHY: "the old pod is not available",
    Reason.SURGE: "before the old pod goes",
    Reason.SURGED: "its replacement is available",
    Reason.SCALED_DOWN: "beyond the wanted replicas",
    Reason.NEW_TEMPLATE: "new template",
    Reason.ROLLED_BACK: "an earlier template is back",
    Reason.SAME_TEMPLATE: "another revision has the same template",
    Reason.HISTORY_LIMIT: "beyond the history limit",
    Reason.ADOPTED: "adopted: it matches the selector and had no owner",
    Reason.RELEASED: "released: it matches the selector no longer",
    Reason.RELABELLED: "labelled with the revision that is kept",
    Reason.CLAIM_MISSING: "its pod needs it",
    Reason.RETENTION: "as the retention policy says",
    Reason.OWNER_GONE: "its owner is gone",
    Reason.OWNER_DELETING: "its owner waits for it to be deleted first",
    Reason.ORPHANED: "its owner goes and leaves it behind",
    Reason.NO_EXECUTE: "does not tolerate a NoExecute taint",
    Reason.TOLERATION_ENDED: "has tolerated a NoExecute taint for as long as it may",
    Reason.FEASIBLE: "the node is feasible",
    Reason.PREEMPTED: "makes room for a pod of higher priority",
}
