"""Why a workload wants no pods at all: it is being deleted, or selects everything."""

from __future__ import annotations

from foretell.logic.scope import selector_of, selects
from foretell.logic.verdict import SENTENCES
from foretell.logic.why.origins import Origins
from foretell.logic.why.words import said
from foretell.model.cluster import Cluster
from foretell.model.explanation import Code, Ground
from foretell.model.forecast import Why
from foretell.model.objects import Workload


def unable(cluster: Cluster, workload: Workload) -> tuple[Ground, ...]:
    """Why a workload does nothing at all: it is being deleted, or its selector is empty; else nothing."""
    origins = Origins(cluster)
    grounds = []
    if workload.terminating:
        source = origins.at(workload.key, "metadata.deletionTimestamp")
        grounds.append(Ground(code=Code.DELETING, sentence=said(Code.DELETING, ""), sources=(source,)))
    selector = selector_of(workload)
    if selects(workload) and (selector is None or not selector.requirements):
        sentence, remedy = SENTENCES[Why.SELECTS_EVERYTHING]
        source = origins.at(workload.key, "spec.selector")
        grounds.append(
            Ground(code=Why.SELECTS_EVERYTHING, sentence=sentence, remedy=remedy, sources=(source,))
        )
    return tuple(grounds)
