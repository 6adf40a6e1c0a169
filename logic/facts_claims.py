"""The facts of the claims of StatefulSets' ordinals, told anew only where they have changed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from foretell.logic import vocabulary as v
from foretell.logic.seen import Claimed, Member, Rows, Seen, facts_from
from foretell.logic.vocabulary import Term
from foretell.model.cluster import Cluster
from foretell.model.meta import Key
from foretell.model.objects import PersistentVolumeClaim, Pod, StatefulSet

NO_CLAIMS = Claimed((), (), None, (), 0)
_OF_POD = (v.CLAIM_OWNER, Term("pod"))


@dataclass
class ClaimFacts:
    """Makes these facts for one StatefulSet."""

    cluster: Cluster
    seen: Seen
    workload: StatefulSet

    def known(self, ordinals: Iterable[int], pods: Mapping[int, Member]) -> dict[int, Claimed]:
        """What is told of each ordinal's claims but for their names; nothing without claim templates."""
        workload = self.workload
        templates = tuple([template.name for template in workload.spec.volume_claim_templates])
        if not templates:
            return {}
        token = (workload.metadata.uid, templates)
        known = self.seen.claims.get(workload.key)
        before = known[1] if known is not None and known[0] == token else {}
        found: dict[int, Claimed] = {}
        for ordinal in ordinals:
            member, claimed = pods.get(ordinal), before.get(ordinal)
            pod = member.pod if member is not None else self._pod(ordinal)
            uid = pod.metadata.uid if pod is not None else None
            keys = claimed.keys if claimed is not None else self._keys(templates, ordinal)
            claims = tuple([self.cluster.get(key) for key in keys])
            if claimed is None or claimed.uid != uid or claimed.claims != claims:
                rows = tuple([self._rows(claim, ordinal, uid) for claim in claims])
                claimed = Claimed(keys, claims, uid, rows, self.seen.mark(rows))
            found[ordinal] = claimed
        self.seen.claims[workload.key] = (token, found)
        return found

    def tell(self, ordinal: int, pod: str, claimed: Claimed) -> list[str]:
        """The facts of an ordinal's claims, given the path of its pod."""
        lines: list[str] = []
        # Rows are the same for all ordinals; which pod it is that owns a claim says the ordinal.
        owned = (v.CLAIM_OWNER, Term("pod", (pod,)))
        for claim, rows in zip(claimed.keys, claimed.rows, strict=True):
            lines.append(v.CLAIM_NAME(v.workload_term(self.workload.key), ordinal, claim.path))
            lines += facts_from(claim.path, tuple([owned if row is _OF_POD else row for row in rows]))
        return lines

    def _pod(self, ordinal: int) -> Pod | None:
        return self.cluster.find(Pod, f"{self.workload.name}-{ordinal}", self.workload.namespace)

    def _keys(self, templates: Iterable[str], ordinal: int) -> tuple[Key, ...]:
        kind, namespace, end = PersistentVolumeClaim.__name__, self.workload.namespace, self.workload.name
        return tuple([Key(kind, namespace, f"{template}-{end}-{ordinal}") for template in templates])

    def _rows(self, claim: object, ordinal: int, uid: str | None) -> Rows:
        """What is told of a claim but for its name; the uid is that of the ordinal's pod, if there is one."""
        if not isinstance(claim, PersistentVolumeClaim):
            return ()
        rows: list[tuple[object, ...]] = [(v.CLAIM,)]
        if claim.terminating:
            rows.append((v.CLAIM_TERMINATING,))
        for owner in claim.metadata.owner_references:
            if owner.uid == self.workload.metadata.uid:
                rows.append((v.CLAIM_OWNER, Term("set")))
            elif owner.kind == "Pod" and owner.name == f"{self.workload.name}-{ordinal}":
                rows.append(_OF_POD if uid == owner.uid else (v.CLAIM_OF_FORMER_POD,))
            elif owner.controller:
                rows.append((v.CLAIM_OF_STRANGER,))
        return tuple(rows)
