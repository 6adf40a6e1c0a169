"""The JSON of remedies, in a versioned form."""

from __future__ import annotations

from typing import Any

import msgspec

from foretell.api.telling.goals import goal_text
from foretell.model.changes import change_to_json
from foretell.model.meta import Key
from foretell.model.remedy import Against, Edit, Remedies, Remedy

VERSION = "foretell.remedy/v1"


def remedies_document(found: Remedies) -> dict[str, Any]:
    """What was found as JSON: docs/remedy.md says what the fields mean."""
    return {
        "version": VERSION,
        "goal": goal_text(found.goal),
        "holds": found.holds,
        "complete": found.complete,
        "tried": found.tried,
        "remedies": [_remedy(one) for one in found.remedies],
        "nearest": None if found.nearest is None else _remedy(found.nearest),
        "refused": found.refused,
        "candidates": [_edit(one) for one in found.candidates],
        "conflicts": [[_against(one) for one in conflict] for conflict in found.conflicts],
        "obstacles": msgspec.to_builtins(found.obstacles),
    }


def _remedy(remedy: Remedy) -> dict[str, Any]:
    return {
        "cost": remedy.cost,
        "edits": [_edit(one) for one in remedy.edits],
        "changes": [change_to_json(change) for change in remedy.changes],
        "waves": remedy.waves,
        "seconds": remedy.seconds,
        "renewed": remedy.renewed,
        "obstacles": msgspec.to_builtins(remedy.obstacles),
    }


def _edit(edit: Edit) -> dict[str, Any]:
    things = [_thing(key) for key in edit.objects]
    alike = {"alike": list(edit.alike)} if edit.alike else {}
    return {"kind": edit.kind.value, "objects": things, "detail": edit.detail, "cost": edit.cost, **alike}


def _thing(key: Key) -> dict[str, str]:
    place = {"namespace": key.namespace} if key.namespace else {}
    return {"kind": key.kind, **place, "name": key.name}


def _against(one: Against) -> dict[str, Any]:
    if one.never:
        return {"never": one.never}
    if one.obstacle is not None:
        return {"obstacle": msgspec.to_builtins(one.obstacle)}
    assert one.workload is not None
    reason = {} if one.reason is None else {"reason": msgspec.to_builtins(one.reason)}
    return {"workload": _thing(one.workload), "nodes": list(one.nodes), **reason}
