"""Why a pod is where it is, or waits, or isn't there at all."""

from __future__ import annotations

from foretell.logic.carried import moment_of
from foretell.logic.desired_facts import desired_facts
from foretell.logic.finding import ordinal_in, resource_of
from foretell.logic.gates import default_gates
from foretell.logic.placing import placing
from foretell.logic.scope import owner_of
from foretell.logic.why.daemonsets import eligibility
from foretell.logic.why.derivation import derivations
from foretell.logic.why.grounds import ground, of_field
from foretell.logic.why.nodes import refusals
from foretell.logic.why.orders import first_act
from foretell.logic.why.origins import Origins
from foretell.logic.why.unable import unable
from foretell.logic.why.waiting import waits
from foretell.logic.why.words import FREED, said
from foretell.model.cluster import Cluster
from foretell.model.errors import NotFoundError
from foretell.model.explanation import About, Code, Explanation, Ground
from foretell.model.forecast import Forecast
from foretell.model.objects import DaemonSet, Pod, StatefulSet


def pod_answer(cluster: Cluster, about: About, gates: frozenset[str]) -> tuple[Explanation, Forecast | None]:
    """Why a pod is as it is, with a forecast where one was asked; raises NotFoundError for an unknown one."""
    pod = cluster.find(Pod, about.name, about.namespace)
    if pod is None:
        return _of_absent(cluster, about, gates), None
    if pod.spec.node_name or pod.finished:
        return _of_placed(cluster, pod, about, gates)
    return _of_waiting(cluster, pod, about, gates), None


def _of_waiting(cluster: Cluster, pod: Pod, about: About, gates: frozenset[str]) -> Explanation:
    """A pod without a node: what each node says, and what the scheduler would do."""
    if pod.spec.scheduling_gates:
        names = ", ".join(gate.name for gate in pod.spec.scheduling_gates)
        gated = of_field(
            cluster, pod.key, "spec.schedulingGates", Code.GATED, said(Code.GATED, names),
            about=names, remedy=FREED[Code.GATED],
        )  # fmt: skip
        answer = f"{pod.key} waits until its scheduling gates are gone"
        return Explanation(about=about, answer=answer, holds=True, grounds=(gated,))
    now = moment_of(cluster)
    told = placing(cluster, pod, gates=gates, now=now)
    found = refusals(cluster, pod, gates, now=now)
    count = len(cluster.nodes)
    if told.node:
        answer = f"{pod.key} has no node yet: it goes to {told.node}"
    elif told.preempts and told.preempts.victims:
        victims = ", ".join(f"Pod/{name}" for name in told.preempts.victims)
        answer = f"{pod.key} fits nowhere; on {told.preempts.node} it drives off {victims}"
    elif told.preempts:
        answer = f"{pod.key} waits for room on {told.preempts.node}, until pods that are leaving are gone"
    else:
        answer = f"{pod.key} fits on none of {count:,} nodes" if count else f"{pod.key}: there are no nodes"
    return Explanation(
        about=about, answer=answer, holds=not told.node, groups=found.groups, said=told.sentence
    )


def _of_placed(
    cluster: Cluster, pod: Pod, about: About, gates: frozenset[str]
) -> tuple[Explanation, Forecast]:
    """A pod that has a node: who wants it there, and what becomes of it next; with the forecast."""
    owner = owner_of(cluster, pod)
    where = f"is on {pod.spec.node_name}" if pod.spec.node_name else "is on no node"
    how = "is terminating" if pod.terminating else "is ready" if pod.ready else f"is {pod.phase}"
    whose = f"{owner.key} wants it" if owner is not None else "no workload owns it"
    grounds: tuple[Ground, ...] = ()
    if isinstance(owner, DaemonSet) and pod.spec.node_name:
        found = eligibility(cluster, owner, [pod.spec.node_name], gates).get(pod.spec.node_name)
        if found is None:
            whose = f"{owner.key} made it, and its node is gone"
        else:
            grounds = found.grounds
            whose = whose if found.wanted else f"{owner.key} wants none there any more"
    elif isinstance(owner, StatefulSet):
        grounds = (_of_ordinal(cluster, owner, pod.name),)
        whose = whose if grounds[0].code is Code.WITHIN_REPLICAS else f"{owner.key} wants it no longer"
    act, story = first_act(cluster, pod.key, gates)
    told = Explanation(
        about=about, answer=f"{pod.key} {where} and {how}: {whose}", holds=not about.negated, grounds=grounds,
        acts=(act,) if act is not None else (),
    )  # fmt: skip
    return told, story


def _of_absent(cluster: Cluster, about: About, gates: frozenset[str]) -> Explanation:
    """A pod that isn't there: an ordinal of a StatefulSet that waits, or that nobody wants."""
    for each in cluster.statefulsets:
        ordinal = ordinal_in(about.name, each.name)
        if each.namespace != about.namespace or ordinal is None:
            continue
        return _of_missing(cluster, each, ordinal, about, gates)
    raise NotFoundError(f'Error from server (NotFound): {resource_of("Pod")} "{about.name}" not found')


def _of_missing(
    cluster: Cluster, workload: StatefulSet, ordinal: int, about: About, gates: frozenset[str]
) -> Explanation:
    """A pod that a StatefulSet would make: whether it wants it, and what it makes or waits for first."""
    key, wanted = about.key, _of_ordinal(cluster, workload, about.name)
    unwanted = unable(cluster, workload) or ((wanted,) if wanted.code is Code.BEYOND_REPLICAS else ())
    if unwanted:
        answer = f"{key} isn't there, and {workload.key} doesn't want it"
        return Explanation(about=about, answer=answer, holds=about.negated, grounds=unwanted)
    found = waits(cluster, workload, gates)
    grounds = found.grounds
    if ordinal in found.making:
        then, grounds = "makes it next", (found.making[ordinal],)
    elif grounds:
        then = f"waits for {', '.join(dict.fromkeys(one.about for one in grounds))}"
    elif found.making:
        first = min(found.making)
        then, grounds = f"makes Pod/{workload.name}-{first} first", (found.making[first],)
    else:
        then, grounds = "wants it, and has other things to do first", (wanted,)
    answer = f"{key} isn't there yet: {workload.key} {then}"
    return Explanation(about=about, answer=answer, holds=True, grounds=grounds)


def _of_ordinal(cluster: Cluster, workload: StatefulSet, name: str) -> Ground:
    """Whether a StatefulSet wants the ordinal that a pod is called after."""
    ordinal = ordinal_in(name, workload.name)
    facts = desired_facts(Cluster([workload]), default_gates(), grouped=False).text
    found = derivations(("desired.lp",), facts, "ordinals(Workload,First,Last)")
    runs = [(atom.arguments[1], atom.arguments[2]) for atom in found.asked]
    within = any(int(str(first)) <= (ordinal or 0) <= int(str(last)) for first, last in runs)
    code = Code.WITHIN_REPLICAS if within else Code.BEYOND_REPLICAS
    origins = Origins(cluster)
    derived = [one for atom in found.asked for one in found.every(atom)]
    return ground(
        code, derived, origins, about=", ".join(f"{first} to {last}" for first, last in runs) or "none",
        sentence=said(code, ""), remedy=FREED.get(code, ""),
        first=[origins.at(workload.key, "spec.replicas")],
    )  # fmt: skip
