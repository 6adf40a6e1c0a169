"""The typed boundary: every predicate that crosses between Python and the rules."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from foretell.model.meta import Key


class Term(NamedTuple):
    """A compound term of the rules, such as `taint("maintenance", "", "NoExecute")`, or a bare constant."""

    name: str
    arguments: tuple[Argument, ...] = ()


Argument = str | int | Term


def text_of(argument: Argument) -> str:
    """An argument as clingo reads it; plain texts become quoted strings."""
    if isinstance(argument, str):
        return _quoted(argument)
    if isinstance(argument, Term):
        if not argument.arguments:
            return argument.name
        return f"{argument.name}({','.join(map(text_of, argument.arguments))})"
    return str(argument)


@lru_cache(maxsize=16384)
def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'


class Predicate(NamedTuple):
    """A predicate by name and parameters; called with arguments it gives the text of a fact."""

    name: str
    parameters: tuple[str, ...]

    def __call__(self, *arguments: Argument) -> str:
        """The text of a fact; raises TypeError when there are too many or too few arguments."""
        if len(arguments) != len(self.parameters):
            raise TypeError(f"{self.name} takes {len(self.parameters)} arguments, not {len(arguments)}")
        if not arguments:
            return f"{self.name}."
        return f"{self.name}({','.join(map(text_of, arguments))})."


def _predicate(signature: str) -> Predicate:
    name, _, parameters = signature.rstrip(")").partition("(")
    return Predicate(name, tuple(parameters.split(", ")) if parameters else ())


# --- what Python tells the rules (inputs.lp) ---

GATE = _predicate("gate(Name)")
KUBERNETES = _predicate("kubernetes(Minor)")
TOUCHED = _predicate("touched(Thing)")
PODS_TOUCHED = _predicate("pods_touched(Workload)")
NODE = _predicate("node(Node)")
STANDS_FOR = _predicate("stands_for(Node, Count)")
RANK = _predicate("rank(Node, Position)")
TWIN = _predicate("twin(Node, Other)")
UID_PLACE = _predicate("uid_place(Pod, Position)")
ELSEWHERE = _predicate("elsewhere(Workload, Count)")
ELSEWHERE_IN = _predicate("elsewhere_in(Zone, Count)")
HAS = _predicate("has(Thing, Attribute, Value)")
INTEGER = _predicate("integer(Text, Position)")
TAINT = _predicate("taint(Node, Taint)")
CONDITION = _predicate("condition(Node, Type, Status)")
UNSCHEDULABLE = _predicate("unschedulable(Node)")
ZONE = _predicate("zone(Node, Zone)")
EXPRESSION = _predicate("expression(Selector, Index, Attribute, Operator)")
EXPRESSION_VALUE = _predicate("expression_value(Selector, Index, Value)")
SHAPE = _predicate("shape(Thing, Shape)")
DAEMON_SHAPE = _predicate("daemon_shape(Shape)")
TOLERATION = _predicate("toleration(Shape, Index, Key, Operator, Value, Effect)")
TOLERATION_SECONDS = _predicate("toleration_seconds(Shape, Index, Seconds)")
HOST_NETWORK = _predicate("host_network(Shape)")
NODE_NAME = _predicate("node_name(Shape, Node)")
NODE_SELECTOR = _predicate("node_selector(Shape, Selector)")
AFFINITY_REQUIRED = _predicate("affinity_required(Shape)")
AFFINITY_TERM = _predicate("affinity_term(Shape, Selector)")
DAEMONSET = _predicate("daemonset(Workload)")
STATEFULSET = _predicate("statefulset(Workload)")
REPLICASET = _predicate("replicaset(Workload)")
DEPLOYMENT = _predicate("deployment(Workload)")
JOB = _predicate("job(Workload)")
CRONJOB = _predicate("cronjob(Workload)")
DELETING = _predicate("deleting(Workload)")
SELECTS_EVERYTHING = _predicate("selects_everything(Workload)")
SELECTOR = _predicate("selector(Workload, Selector)")
STRATEGY = _predicate("strategy(Workload, Type)")
MAX_UNAVAILABLE = _predicate("max_unavailable(Workload, Bound)")
MAX_SURGE = _predicate("max_surge(Workload, Bound)")
MIN_READY_SECONDS = _predicate("min_ready_seconds(Workload, Seconds)")
HISTORY_LIMIT = _predicate("history_limit(Workload, Number)")
REPORTED = _predicate("reported(Workload, Field, Number)")
TEMPLATE = _predicate("template(Workload, Data)")
NEXT_HASH = _predicate("next_hash(Workload, Hash)")
UNOBSERVED = _predicate("unobserved(Workload)")
TEMPLATE_LABEL = _predicate("template_label(Workload, Key, Value)")
PAUSED = _predicate("paused(Workload)")
PROGRESS_DEADLINE = _predicate("progress_deadline(Workload, Seconds)")
STATED = _predicate("stated(Workload, Type, Status, Reason)")
STATED_FOR = _predicate("stated_for(Workload, Type, Seconds)")
PATTERN = _predicate("pattern(Workload, Data)")
ANNOTATED = _predicate("annotated(Workload, Key, Value)")
REVISION_NUMBER = _predicate("revision_number(Workload, Number)")
REMEMBERS_DESIRED = _predicate("remembers_desired(Set, Number)")
REMEMBERS_MOST = _predicate("remembers_most(Set, Number)")
UNENDED = _predicate("unended(Set, Number)")
CURRENT_HASH = _predicate("current_hash(Workload, Hash)")
REPLICAS = _predicate("replicas(Workload, Number)")
START = _predicate("start(Workload, Ordinal)")
RUN = _predicate("run(Workload, Ordinal, Count)")
MANAGEMENT = _predicate("management(Workload, Policy)")
ROLLING_BLOCK = _predicate("rolling_block(Workload)")
PARTITION = _predicate("partition(Workload, Number)")
RETENTION = _predicate("retention(Workload, Occasion, Policy)")
REVISION = _predicate("revision(Revision, Workload)")
ORPHAN_REVISION = _predicate("orphan_revision(Revision)")
NUMBER = _predicate("number(Revision, Number)")
DATA = _predicate("data(Revision, Data)")
HASH = _predicate("hash(Revision, Hash)")
NEAR = _predicate("near(Thing, Workload)")
POD = _predicate("pod(Pod)")
OWNER = _predicate("owner(Pod, Workload)")
ORPHAN = _predicate("orphan(Pod)")
BOUND = _predicate("bound(Pod, Node)")
PINNED = _predicate("pinned(Pod, Node)")
UNPLACED = _predicate("unplaced(Pod)")
PHASE = _predicate("phase(Pod, Phase)")
READY = _predicate("ready(Pod)")
READY_FOR = _predicate("ready_for(Pod, Seconds)")
TERMINATING = _predicate("terminating(Pod)")
POD_HASH = _predicate("pod_hash(Pod, Hash)")
AGE = _predicate("age(Pod, Position)")
COPIES = _predicate("copies(Pod, Count)")
DELETION_COST = _predicate("deletion_cost(Pod, Cost)")
CROWDED = _predicate("crowded(Pod, Count)")
READY_POWER = _predicate("ready_power(Pod, Power)")
SEVERAL_MOMENTS = _predicate("several_moments(Workload, Power)")
AGE_POWER = _predicate("age_power(Pod, Power)")
RESTARTS = _predicate("restarts(Pod, Number, Sidecars)")
ORDINAL = _predicate("ordinal(Pod, Workload, Number)")
POD_NAME = _predicate("pod_name(Workload, Ordinal, Pod)")
TIMER = _predicate("timer(Pod, Seconds)")
LOST_FOR = _predicate("lost_for(Pod, Seconds)")
BACKING_OFF = _predicate("backing_off(Workload, Node, Seconds)")
BACKED_OFF = _predicate("backed_off(Workload, Node, Seconds)")
RETRIED = _predicate("retried(Workload, Seconds)")
CLAIM = _predicate("claim(Claim)")
CLAIM_TERMINATING = _predicate("claim_terminating(Claim)")
CLAIM_IN_USE = _predicate("claim_in_use(Claim)")
CLAIM_NAME = _predicate("claim_name(Workload, Ordinal, Claim)")
CLAIM_OWNER = _predicate("claim_owner(Claim, Owner)")
CLAIM_OF_FORMER_POD = _predicate("claim_of_former_pod(Claim)")
CLAIM_OF_STRANGER = _predicate("claim_of_stranger(Claim)")
DEPENDENT = _predicate("dependent(Object, Owner)")
ABSENT = _predicate("absent(Owner)")
WAITS_FOR_DEPENDENTS = _predicate("waits_for_dependents(Owner)")
LEAVES_ORPHANS = _predicate("leaves_orphans(Owner)")
BLOCKS_OWNER = _predicate("blocks_owner(Object, Owner)")
LEAVING = _predicate("leaving(Object)")
PENDING = _predicate("pending(Pod)")
PLACE = _predicate("place(Node)")
REQUESTS = _predicate("requests(Pod, Resource, Amount)")
OFFERS = _predicate("offers(Node, Resource, Amount)")
WANTS_PORT = _predicate("wants_port(Pod, Port)")
PORT_TAKEN = _predicate("port_taken(Node, Port)")
CROWD = _predicate("crowd(Node, Count)")
HOLDS = _predicate("holds(Node, Resource, Amount)")
ROOMINESS = _predicate("roominess(Node, Points)")
EVENNESS = _predicate("evenness(Node, Points)")
PREFERS = _predicate("prefers(Shape, Index, Selector, Weight)")
KIND = _predicate("kind(Kind)")
IN_NAMESPACE = _predicate("in_namespace(Thing, Namespace)")
HOSTS = _predicate("hosts(Node, Kind, Count)")
REMOVED = _predicate("removed(Node, Kind, Count)")
TOPOLOGY = _predicate("topology(Node, Key, Domain)")
TOPOLOGY_KEY = _predicate("topology_key(Term, Key)")
TERM_SELECTOR = _predicate("term_selector(Term, Selector)")
TERM_NAMESPACE = _predicate("term_namespace(Term, Namespace)")
TERM_NAMESPACES = _predicate("term_namespaces(Term, Selector)")
NEAR_TERM = _predicate("near_term(Pod, Term)")
APART_TERM = _predicate("apart_term(Pod, Term)")
GUARDS = _predicate("guards(Node, Term, Count)")
RELIEVED = _predicate("relieved(Node, Term, Count)")
LEANS = _predicate("leans(Pod, Term, Weight)")
GUEST_LEANS = _predicate("guest_leans(Node, Term, Weight, Count)")
SPREAD = _predicate("spread(Pod, Constraint, Index)")
LEANS_APART = _predicate("leans_apart(Pod, Constraint)")
BY_DEFAULT = _predicate("by_default(Constraint)")
MAX_SKEW = _predicate("max_skew(Constraint, Number)")
MIN_DOMAINS = _predicate("min_domains(Constraint, Number)")
HONOURS = _predicate("honours(Constraint, Policy)")
LOGARITHM = _predicate("logarithm(Number, Thousandths)")
USES = _predicate("uses(Pod, Claim)")
CLAIM_VOLUME = _predicate("claim_volume(Claim, Volume)")
SINGLE_USE = _predicate("single_use(Claim)")
CLAIM_FREED = _predicate("claim_freed(Node, Claim)")
AWAITS_CONSUMER = _predicate("awaits_consumer(Claim)")
PROVISIONED = _predicate("provisioned(Claim)")
STORAGE_CLASS = _predicate("storage_class(Thing, Class)")
ACCESS_MODE = _predicate("access_mode(Thing, Mode)")
STORAGE = _predicate("storage(Thing, Amount)")
VOLUME = _predicate("volume(Volume)")
VOLUME_TERM = _predicate("volume_term(Volume, Selector)")
VOLUME_ZONE = _predicate("volume_zone(Volume, Key, Zone)")
VOLUME_TAKEN = _predicate("volume_taken(Volume, Claim)")
PREEMPTION_POLICY = _predicate("preemption_policy(Pod, Policy)")
NOMINATED = _predicate("nominated(Pod, Node)")
MAKES_WAY = _predicate("makes_way(Node, Count)")
PRECEDENCE = _predicate("precedence(Pod, Place)")
BUDGET_COVERS_NAMESPACE = _predicate("budget_covers_namespace(Budget, Pod)")
VICTIMS = _predicate("victims(Node, Number, Breaking)")
HIGHEST_VICTIM = _predicate("highest_victim(Node, Place)")
VICTIMS_WEIGH = _predicate("victims_weigh(Node, Place)")
VICTIMS_STARTED = _predicate("victims_started(Node, Place)")
REJECTED_BY = _predicate("rejected_by(Pod, Plugin)")
ARRIVES = _predicate("arrives(Node)")
BECAME = _predicate("became(Former, Node)")
GROWS = _predicate("grows(Node, Resource)")
ENTERS_NODE = _predicate("enters_node(Kind)")
LEAVES_NODE = _predicate("leaves_node(Kind)")
STORAGE_NEWS = _predicate("storage_news")
BATCH = _predicate("batch(Pod, Number)")
ASKS = _predicate("asks(Pod, Resource, Amount)")
ROOM = _predicate("room(Node, Resource, Amount)")
CLASH = _predicate("clash(Pod, Other)")
BUDGET = _predicate("budget(Budget, Selector)")
BUDGET_ALLOWS = _predicate("budget_allows(Budget, Number)")
BUDGET_HEALTH = _predicate("budget_health(Budget, Healthy, Desired)")
BUDGET_FLOOR = _predicate("budget_floor(Budget, Bound)")
BUDGET_CEILING = _predicate("budget_ceiling(Budget, Bound)")
BUDGET_COUNTED = _predicate("budget_counted(Budget)")
BUDGET_COVERS = _predicate("budget_covers(Budget, Pod, Count)")
EVICTED_FOR = _predicate("evicted_for(Budget, Pod, Seconds)")
CONTROLLED = _predicate("controlled(Thing, Controller)")
KIND_OF = _predicate("kind_of(Controller, Kind)")
EXISTS = _predicate("exists(Controller)")
TELLS_OF = _predicate("tells_of(Kind)")
SCALE = _predicate("scale(Controller, Replicas)")
ASKED = _predicate("asked(Pod, Position)")
BUDGET_UNPROCESSED = _predicate("budget_unprocessed(Budget)")
BUDGET_UNCONFIRMED = _predicate("budget_unconfirmed(Budget, Number)")
BUDGET_FAILED = _predicate("budget_failed(Budget)")
BUDGET_SPARES_UNHEALTHY = _predicate("budget_spares_unhealthy(Budget)")
DRAIN_OPTION = _predicate("drain_option(Option)")
DRAIN_WAITS = _predicate("drain_waits(Seconds)")
TERMINATING_FOR = _predicate("terminating_for(Pod, Seconds)")
MIRROR = _predicate("mirror(Pod)")
LOCAL_DATA = _predicate("local_data(Pod)")
SUSPENDED = _predicate("suspended(Workload)")
PARALLELISM = _predicate("parallelism(Workload, Number)")
COMPLETIONS = _predicate("completions(Workload, Number)")
COMPLETION_MODE = _predicate("completion_mode(Workload, Mode)")
REPLACEMENT = _predicate("replacement(Workload, Policy)")
RESTART_POLICY = _predicate("restart_policy(Workload, Policy)")
MANAGED_BY = _predicate("managed_by(Workload, Manager)")
BACKOFF_LIMIT = _predicate("backoff_limit(Workload, Number)")
BACKOFF_LIMIT_PER_INDEX = _predicate("backoff_limit_per_index(Workload, Number)")
MAX_FAILED_INDEXES = _predicate("max_failed_indexes(Workload, Number)")
ACTIVE_DEADLINE = _predicate("active_deadline(Workload, Seconds)")
TIME_TO_LIVE = _predicate("time_to_live(Workload, Seconds)")
JOB_CONDITION = _predicate("job_condition(Workload, Type, Status, Reason)")
STARTED_FOR = _predicate("started_for(Workload, Seconds)")
ENDED_FOR = _predicate("ended_for(Workload, Seconds)")
UNCOUNTED = _predicate("uncounted(Workload, Field, Number)")
RECORDED_RUN = _predicate("recorded_run(Workload, Field, First, Last)")
FAILURES = _predicate("failures(Workload, Number, Seconds)")
FAILURE_RULE = _predicate("failure_rule(Workload, Position, Action)")
FAILURE_CODES = _predicate("failure_codes(Workload, Position, Container, Operator)")
FAILURE_CODE = _predicate("failure_code(Workload, Position, Code)")
FAILURE_CONDITION = _predicate("failure_condition(Workload, Position, Type, Status)")
SUCCESS_RULE = _predicate("success_rule(Workload, Position)")
SUCCESS_RUN = _predicate("success_run(Workload, Position, First, Last)")
SUCCESS_COUNT = _predicate("success_count(Workload, Position, Number)")
TRACKED = _predicate("tracked(Pod)")
JOB_GONE = _predicate("job_gone(Pod)")
INDEX = _predicate("index(Pod, Index)")
INDEX_FAILURES = _predicate("index_failures(Pod, Counted, Ignored)")
EXIT_CODE = _predicate("exit_code(Pod, Container, Code)")
POD_CONDITION = _predicate("pod_condition(Pod, Type, Status)")
JOB_RESTARTS = _predicate("job_restarts(Pod, Number)")
READY_SINCE = _predicate("ready_since(Pod, Seconds)")
ENDED_AGO = _predicate("ended_ago(Pod, Seconds)")
CONCURRENCY = _predicate("concurrency(Workload, Policy)")
STARTING_DEADLINE = _predicate("starting_deadline(Workload, Seconds)")
KEEPS = _predicate("keeps(Workload, Sort, Number)")
STARTED_BY = _predicate("started_by(Job, Workload)")
START_ORDER = _predicate("start_order(Job, Position)")
LISTED = _predicate("listed(Workload, Job)")
NAME_IN_USE = _predicate("name_in_use(Job)")
DUE = _predicate("due(Workload, Job, Seconds)")
NEXT_RUN = _predicate("next_run(Workload, Seconds)")
LAST_RUN = _predicate("last_run(Workload, Seconds)")
LAST_SUCCESS = _predicate("last_success(Workload, Seconds)")
WANTS_POD_ON = _predicate("wants_pod_on(Workload, Node)")
WANTS_TO_STAY = _predicate("wants_to_stay(Workload, Node)")
WANTS_NODE = _predicate("wants_node(Workload)")
SEEKS_NODE = _predicate("seeks_node(Workload)")
WANTS_PODS = _predicate("wants_pods(Workload, Number)")
HAS_PLACED = _predicate("has_placed(Workload, Number)")
HINDERED = _predicate("hindered(Workload, Object, Why)")
HAS_EARLIER = _predicate("has_earlier(Workload)")
HOLDS_DRAIN = _predicate("holds_drain(Budget, Bound)")
STANDS_AT = _predicate("stands_at(Budget, Healthy, Expected)")
DRAIN_TAKES = _predicate("drain_takes(Budget, Number)")
PROTECTS = _predicate("protects(Budget, Workload)")
SPECIMEN = _predicate("specimen(Workload, Pod)")
EDIT = _predicate("edit(Edit, Cost)")
FORBIDDEN = _predicate("forbidden(Edit, Prohibition)")
COSTS_AT_LEAST = _predicate("costs_at_least(Least)")
LIFTABLE = _predicate("liftable(Thing)")
GONE = _predicate("gone(Thing)")
WAS_TAINT = _predicate("was_taint(Node, Taint)")
WAS_UNSCHEDULABLE = _predicate("was_unschedulable(Node)")
WAS_HAS = _predicate("was_has(Thing, Attribute, Value)")
WAS_TOLERATION = _predicate("was_toleration(Shape, Index, Key, Operator, Value, Effect)")
WAS_TOLERATION_SECONDS = _predicate("was_toleration_seconds(Shape, Index, Seconds)")
WAS_EXPRESSION = _predicate("was_expression(Selector, Index, Attribute, Operator)")
WAS_AFFINITY_REQUIRED = _predicate("was_affinity_required(Shape)")
WAS_AFFINITY_TERM = _predicate("was_affinity_term(Shape, Selector)")
WAS_REQUESTS = _predicate("was_requests(Pod, Resource, Amount)")

INPUTS = tuple(value for value in list(globals().values()) if isinstance(value, Predicate))

# --- what the rules tell Python (show.lp) ---

OUTPUTS = {
    signature.partition("(")[0]: _predicate(signature).parameters
    for signature in (
        "creates(Workload, Place, Hash, Reason)",
        "deletes(Controller, Pod, Reason)",
        "limited(Workload, Node, Count)",
        "granted(Workload, Node, Count, Line)",
        "contends(Workload, Node, Line)",
        "goes(Workload, Pod)",
        "at_work(Workload)",
        "amiss(Workload, Node)",
        "stirs(Node)",
        "unsound(Node)",
        "rewrites(Workload)",
        "picked(Workload, Pod, Count)",
        "highest(Pod, Reason, Count)",
        "creates_set(Workload, Revision, Replicas)",
        "sizes(Workload, Set, Replicas, Reason)",
        "allows(Workload, Number)",
        "revises(Workload, Set, Number)",
        "follows(Workload, Set)",
        "takes_over(Workload, Key)",
        "numbers(Workload, Number)",
        "deletes_set(Workload, Set, Reason)",
        "states(Workload, Type, Status, Reason)",
        "unstates(Workload, Type)",
        "adopts(Workload, Object)",
        "releases(Workload, Pod)",
        "creates_revision(Workload, Number)",
        "renumbers(Workload, Revision, Number)",
        "deletes_revision(Workload, Revision, Reason)",
        "relabels(Workload, Pod, Hash)",
        "creates_claim(Workload, Ordinal, Claim)",
        "updates_claim(Workload, Claim)",
        "owns_claim(Workload, Claim, Owner)",
        "collects(Object, Reason)",
        "orphans(Object, Owner)",
        "finishes(Owner)",
        "frees_claim(Claim)",
        "puts_taint(Node, Key, Effect)",
        "lifts_taint(Node, Key, Effect)",
        "evicts_in(Pod, Seconds)",
        "calls_off(Pod)",
        "backs_off(Workload, Node, Seconds)",
        "looks_again(Workload, Seconds)",
        "collector_comes(Pod, Seconds)",
        "status(Workload, Field, Number)",
        "records(Workload, Role, Hash)",
        "awake(Workload)",
        "automatic(Shape, Key, Effect)",
        "starts_pods(Workload, Number, Reason)",
        "starts_index(Workload, Index, Reason)",
        "bears(Workload, Index, Counted, Ignored)",
        "lets_go(Pod, Reason)",
        "tallies(Workload, Field, Number)",
        "completed_run(Workload, First, Last)",
        "failed_run(Workload, First, Last)",
        "concludes(Workload, Type, Status, Reason)",
        "begins(Workload)",
        "failed_in_a_row(Workload, Number, Seconds)",
        "expires(Workload)",
        "deletes_job(Workload, Job, Reason)",
        "starts_run(Workload, Job)",
        "lists_run(Workload, Job)",
        "records_run(Workload)",
        "succeeded_last(Workload, Job)",
        "expects_run(Workload, Seconds)",
        "retries_in(Workload, Seconds)",
        "waits(Workload, Object, Why)",
        "should_run(Shape, Node)",
        "ordinals(Workload, First, Last)",
        "binds(Pod, Node)",
        "budget_status(Budget, Allowed, Healthy, Desired, Expected)",
        "budget_fails(Budget, Pod, Why)",
        "budget_awaits(Budget, Pod)",
        "budget_recounts_in(Budget, Seconds)",
        "evictable(Pod)",
        "charges(Pod, Budget)",
        "refuses_eviction(Pod, Budget, Why)",
        "covers(Budget, Pod)",
        "drains(Pod)",
        "passes_over(Pod, Why)",
        "refuses_drain(Pod, Why)",
        "refuses(Node, Pod, Reason)",
        "explains(Node, Pod, Reason)",
        "unhelped(Node, Pod)",
        "abstains(Pod, Why)",
        "feasible(Node, Pod)",
        "says(Node, Pod, Reason)",
        "score(Node, Pod, Points)",
        "takes(Pod, Claim, Volume)",
        "breaks_budget(Pod)",
        "spares_most(Node)",
        "requeued(Pod)",
        "meant(Term, Thing)",
        "gives(Node, Pod, Reason)",
        "puts(Pod, Node, Count)",
        "misses(Workload, Place)",
        "differs(Workload, Pod, Difference, Detail)",
        "owed(Shape, Node, Because)",
        "left_out(Shape, Node, Because)",
        "serves(Edit)",
        "obstructs(Workload, Node, Reason)",
        "chosen(Edit)",
    )
}


# --- identities ---


def workload_term(key: Key) -> Term:
    """A workload as the rules call it, such as `daemonset("default/agent")`."""
    return Term(key.kind.lower(), (key.path,))


WORKLOAD_KINDS = {
    kind.lower(): kind for kind in ("DaemonSet", "StatefulSet", "ReplicaSet", "Deployment", "Job", "CronJob")
}
"""By the name of a workload's term: its kind."""


def key_of(kind: str, path: str) -> Key:
    """The key of an object from the text that the rules call it by."""
    namespace, _, name = path.rpartition("/")
    return Key(kind, namespace, name)


def workload_key(term: Argument) -> Key:
    """The key of a workload's term."""
    assert isinstance(term, Term)
    return key_of(WORKLOAD_KINDS[term.name], str(term.arguments[0]))


def word_of(term: Argument) -> str:
    """The word that a constant stands for, as the closed sets of the model write it: with dashes."""
    assert isinstance(term, Term)
    return term.name.replace("_", "-")
