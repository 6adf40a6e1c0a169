"""Roles: each includes those before it, on the clusters that a pattern matches."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foretell.api.access.errors import ForbiddenError
from foretell.api.access.roles import LOCAL, Grant, Principal, Role, check, permits

ROLES = st.sampled_from(Role)
NAMES = st.text("ab-.", min_size=1, max_size=5)
PATTERNS = st.text("ab-.*?", min_size=1, max_size=5)
GRANTS = st.lists(st.builds(Grant, PATTERNS, ROLES), max_size=4).map(tuple)

INCLUDES = {
    Role.VIEWER: {Role.VIEWER},
    Role.PLANNER: {Role.VIEWER, Role.PLANNER},
    Role.OPERATOR: {Role.VIEWER, Role.PLANNER, Role.OPERATOR},
}


def matches(pattern: str, name: str) -> bool:
    """Whether a pattern of letters, `*` and `?` matches, said otherwise than by fnmatch."""
    return bool(
        re.fullmatch("".join({"*": ".*", "?": "."}.get(sign, re.escape(sign)) for sign in pattern), name)
    )


def allowed(principal: Principal, cluster: str | None, role: Role) -> bool:
    try:
        check(principal, cluster, role)
    except ForbiddenError:
        return False
    return True


@given(GRANTS, st.none() | NAMES, ROLES)
def test_check_agrees_with_a_plain_model(grants: tuple[Grant, ...], cluster: str | None, role: Role) -> None:
    model = any(
        role in INCLUDES[grant.role] for grant in grants if cluster is None or matches(grant.pattern, cluster)
    )
    principal = Principal("alice", grants)
    assert allowed(principal, cluster, role) == permits(principal, cluster, role) == model


@given(GRANTS, NAMES)
def test_someone_s_role_is_the_highest_that_check_lets_through(
    grants: tuple[Grant, ...], cluster: str
) -> None:
    principal = Principal("alice", grants)
    passed = [role for role in Role if allowed(principal, cluster, role)]
    assert principal.role_on(cluster) == (passed[-1] if passed else None)


@given(GRANTS, ROLES)
def test_a_role_anywhere_is_one_on_no_cluster_in_particular(grants: tuple[Grant, ...], role: Role) -> None:
    principal = Principal("alice", grants)
    assert principal.anywhere(role) == allowed(principal, None, role)


ALICE = Principal(
    "alice", (Grant("prod", Role.VIEWER), Grant("team-a-*", Role.PLANNER), Grant("stage-[12]", Role.VIEWER))
)


@pytest.mark.parametrize(
    ("cluster", "role"),
    [
        pytest.param("prod", Role.VIEWER, id="name"),
        pytest.param("production", None, id="the whole name"),
        pytest.param("Prod", None, id="case"),
        pytest.param("team-a-web", Role.PLANNER, id="pattern"),
        pytest.param("my-team-a-web", None, id="pattern from the start"),
        pytest.param("team-a-x\ny", Role.PLANNER, id="line break"),
        pytest.param("stage-2", Role.VIEWER, id="one of several signs"),
        pytest.param("stage-3", None, id="none of several signs"),
        pytest.param("prod\n", None, id="line break at the end"),
    ],
)
def test_a_pattern_matches_the_whole_name(cluster: str, role: Role | None) -> None:
    assert ALICE.role_on(cluster) == role


@pytest.mark.parametrize(
    ("cluster", "role", "sentence"),
    [
        pytest.param(
            "prod",
            Role.OPERATOR,
            "operator is needed on cluster 'prod', and alice is viewer there",
            id="less",
        ),
        pytest.param(
            "secret",
            Role.VIEWER,
            "viewer is needed on cluster 'secret', and alice has no role there",
            id="none",
        ),
        pytest.param(
            None, Role.OPERATOR, "operator is needed on some cluster, and alice is at most planner", id="any"
        ),
        pytest.param(
            "x" * 1000,
            Role.VIEWER,
            f"viewer is needed on cluster '{'x' * 80}…', and alice has no role there",
            id="long",
        ),
    ],
)
def test_a_refusal_says_what_is_needed_and_what_is_held(
    cluster: str | None, role: Role, sentence: str
) -> None:
    with pytest.raises(ForbiddenError) as caught:
        check(ALICE, cluster, role)
    assert str(caught.value) == sentence


def test_nobody_without_grants_gets_anywhere() -> None:
    with pytest.raises(
        ForbiddenError, match=r"^viewer is needed on some cluster, and bob has no role on any$"
    ):
        check(Principal("bob", ()), None, Role.VIEWER)


@given(NAMES)
def test_a_local_user_operates_everything(cluster: str) -> None:
    assert LOCAL.role_on(cluster) is Role.OPERATOR
