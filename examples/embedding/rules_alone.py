"""The rules in a program of one's own: `python rules_alone.py $(foretell rules) agent.lp`."""

import sys

import clingo

folder, *facts = sys.argv[1:]
control = clingo.Control()
for file in facts:
    control.load(file)
control.load(f"{folder}/reasons.lp")
control.ground()
with control.solve(yield_=True) as handle:
    for model in handle:
        print(*sorted(map(str, model.symbols(shown=True))), sep="\n")
