"""`foretell advance`: a state is moved on by waves of its controllers."""

from __future__ import annotations

import click
import msgspec

from foretell.api.cli.apply import say_beside
from foretell.api.cli.change_options import ChangeCommand
from foretell.api.cli.output import examples, json_text, output_option
from foretell.api.cli.plan_document import plan_document
from foretell.api.cli.plan_text import waves_text
from foretell.api.cli.question import Question, asks
from foretell.api.cli.state import state_option
from foretell.api.cli.target import put, target_of, write_option
from foretell.model.cluster import Cluster
from foretell.model.forecast import Forecast

EXAMPLES = examples(
    "foretell advance --state cluster.yaml",
    "foretell advance --state cluster.yaml --drain worker-1 --waves 2",
    "foretell advance --state cluster.json --all --write settled.json",
)
