#!/bin/sh
# Plays the tutorial on a copy of its cluster. `foretell` has to be on the PATH.
set -eu
here=$(dirname "$0")
state=$(mktemp "${TMPDIR:-/tmp}/foretell-tutorial.XXXXXX")
trap 'rm -f "$state"' EXIT
cp "$here/cluster.yaml" "$state"

tell() {
    printf '\n\n# %s\n' "$1"
}
# A plan ends with 2 when there are changes, which is no failure here.
plan() {
    echo "\$ foretell plan $*" | sed "s|$here/||g"
    foretell plan "$@" --state "$state" || [ $? -eq 2 ]
}
advance() {
    foretell advance "$@" --all --state "$state" > /dev/null
}

tell "A DaemonSet: one pod on every node that lets it"
plan "$here/daemonset.yaml"
advance "$here/daemonset.yaml"

tell "It learns to tolerate the master's taint: a pod more, and a roll-out, one node at a time"
plan "$here/daemonset-tolerating.yaml"
advance "$here/daemonset-tolerating.yaml"

tell "A node joins"
plan "$here/worker-3.yaml"
advance "$here/worker-3.yaml"

tell "A node is tainted: NoExecute drives its pod off"
plan --taint node=worker-2,key=maintenance,value=yes,effect=NoExecute
advance --taint node=worker-2,key=maintenance,value=yes,effect=NoExecute

tell "A node leaves: its pod is collected after a while"
plan --delete node/worker-3
advance --delete node/worker-3

tell "A StatefulSet: names, claims, one pod after the other"
plan "$here/statefulset.yaml"
advance "$here/statefulset.yaml"
foretell tree sts/test-sts --state "$state"

tell "Scale to four: upwards, each waits for the one before"
plan --scale sts/test-sts=4
advance --scale sts/test-sts=4

tell "A new image: from the highest ordinal down"
plan --image sts/test-sts=nginx:1.27
advance --image sts/test-sts=nginx:1.27

tell "Scale to one: from the highest ordinal down, and the claims stay"
plan --scale sts/test-sts=1
advance --scale sts/test-sts=1
foretell get pods,pvc -o wide --state "$state"

tell "Drain its node: the pod moves, and keeps its name, its address and its claim"
node=$(foretell get pod test-sts-0 -o json --state "$state" | sed -n 's/.*"nodeName": *"\([^"]*\)".*/\1/p')
plan --drain "$node" --ignore-daemonsets
advance --drain "$node" --ignore-daemonsets
foretell get pod test-sts-0 -o wide --state "$state"

tell "A broken image: the roll-out is stuck"
plan --image sts/test-sts=nginx:broken --never-ready 'test-sts-*'
advance --image sts/test-sts=nginx:broken --never-ready 'test-sts-*'

tell "Rolling back does not free it: a broken pod is not replaced by a mended template"
plan --undo sts/test-sts --never-ready 'test-sts-*'
advance --undo sts/test-sts --never-ready 'test-sts-*'

tell "Deleting the broken pod does"
plan --delete-pod test-sts-0
