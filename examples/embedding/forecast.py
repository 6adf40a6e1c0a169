"""What a taint would do, asked of Foretell as a library: `python forecast.py ../tutorial/cluster.yaml`."""

import sys

from foretell import AddTaint, Apply, desired, forecast, read

AGENT = {
    "apiVersion": "apps/v1",
    "kind": "DaemonSet",
    "metadata": {"name": "agent"},
    "spec": {
        "selector": {"matchLabels": {"app": "agent"}},
        "template": {
            "metadata": {"labels": {"app": "agent"}},
            "spec": {"containers": [{"name": "agent", "image": "agent:1"}]},
        },
    },
}

cluster = read(sys.argv[1])
running = forecast(cluster, [Apply(object=AGENT)]).after
print("wanted on", *(pod.node for pod in desired(running)))

story = forecast(running, [AddTaint(node="worker-2", key="maintenance", effect="NoExecute")])
for wave in story.waves:
    for action in wave.actions:
        print(f"+{wave.at:g}s", action.verb, action.kind.lower(), "on", action.node, f"({action.reason})")
print(story.verdict.outcome)
