"""Why a workload wants no pods at all: it is being deleted, or selects everything."""

from __future__ import annotations

from foretell.logic.scope import selector_of, selects
from foretell.logic.verdict import SENTENCES
from foretell.logic.why.grounds import of_field
from foretell.logic.why.words import said
from foretell.model.cluster import Cluster
from foretell.model.explanation import Code, Ground
from foretell.model.forecast import Why
from foretell.model.objects import Workload


def unable(cluster: Cluster, workload: Workload) -> tuple[Ground, ...]:
    """Why a workload does nothing at all: it is being deleted, or its selector is empty; else nothing."""
    key, grounds = workload.key, []
    if workload.terminating:
        sentence = f"{key} {said(Code.DELETING, '')}"
        grounds.append(of_field(cluster, key, "metadata.deletionTimestamp", Code.DELETING, sentence))
    selector = selector_of(workload)
    if selects(workload) and (selector is None or not selector.requirements):
        sentence, remedy = SENTENCES[Why.SELECTS_EVERYTHING]
        code = Why.SELECTS_EVERYTHING
        grounds.append(of_field(cluster, key, "spec.selector", code, f"{key} {sentence}", remedy=remedy))
    return tuple(grounds)
