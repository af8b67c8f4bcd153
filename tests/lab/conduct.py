#!/usr/bin/env python3
"""Makes one call between two phones of the lab and writes down the truth.

    conduct.py TRUTH CALLER CALLEE NUMBER SECONDS [AT:PARTY:ACTION...]

CALLER and CALLEE are nodes (a, b, c, d, ext). NUMBER is what the caller dials;
the callee answers by itself. After SECONDS the caller hangs up. In between,
AT seconds after the answer, PARTY does ACTION: hold, resume, or one key of
0-9*#. The call is added to the JSON file TRUTH.
"""

import json
import sys
import time

from phone import PBX, Phone


def conduct(caller, callee, number, seconds, steps):
    phones = {node: Phone(node) for node in (caller, callee)}
    call = {"caller": caller, "callee": callee, "number": number}
    call["start_ns"] = time.time_ns()
    phones[caller].command("dial", f"sip:{number}@{PBX}")
    event = phones[caller].wait_for("CALL_ESTABLISHED", 30)
    call["answer_ns"] = time.time_ns()
    call["call_id"] = event.get("id", "")
    call["events"] = []
    answered = time.monotonic()
    for at, party, action in steps:
        time.sleep(max(0, answered + at - time.monotonic()))
        call["events"].append(
            {"time_ns": time.time_ns(), "party": party, "action": action}
        )
        phones[party].act(action)
    time.sleep(max(0, answered + seconds - time.monotonic()))
    phones[caller].command("hangup")
    call["end_ns"] = time.time_ns()
    phones[callee].wait_for("CALL_CLOSED", 30)
    return call


def main():
    path, caller, callee, number, seconds, *steps = sys.argv[1:]
    steps = [step.split(":", 2) for step in steps]
    call = conduct(
        caller,
        callee,
        number,
        float(seconds),
        sorted((float(at), party, action) for at, party, action in steps),
    )
    with open(path) as file:
        truth = json.load(file)
    truth["calls"].append(call)
    with open(path, "w") as file:
        json.dump(truth, file, indent=2)
        file.write("\n")


if __name__ == "__main__":
    main()
