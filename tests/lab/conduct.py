#!/usr/bin/env python3
"""Makes one call between phones of the lab and writes down the truth.

    conduct.py TRUTH CALLER CALLEE NUMBER SECONDS [AT:PARTY:ACTION[:ARGUMENT]...]
               [NAME=VALUE...]

CALLER and CALLEE are nodes (a, b, c, d, ...). NUMBER is what the caller dials;
the callee answers as its phone is set to. SECONDS after the callee's phone
rang, the caller hangs up. In between, AT seconds after the ring, PARTY does
ACTION (see Phone.act). NAME=VALUE says what must come out (see scene_check.py).

The call is added to the JSON file TRUTH, with all that the phones reported.
"""

import json
import pathlib
import select
import sys
import time

from phone import Phone


class Ensemble:
    """All phones of a scene."""

    def __init__(self, nodes):
        self.phones = {node: Phone(node) for node in nodes}
        self.log = []

    def listen(self, until, enough=lambda: False):
        """Notes what phones report until then, or until it is enough."""
        while not enough() and (left := until - time.monotonic()) > 0:
            for phone in select.select(list(self.phones.values()), [], [], left)[0]:
                self._note(phone)

    def _note(self, phone):
        try:
            events = list(phone.events())
        except ConnectionResetError:  # It was killed.
            del self.phones[phone.node]
            return
        for event in events:
            self.log.append(
                {
                    "time_ns": time.time_ns(),
                    "party": phone.node,
                    "type": event["type"],
                    "call_id": event["id"],
                }
            )

    def first(self, *types, party=None):
        return next(
            (
                event
                for event in self.log
                if event["type"] in types and party in (None, event["party"])
            ),
            None,
        )


def conduct(nodes, caller, callee, number, seconds, steps):
    phones = Ensemble(nodes)
    call = {"caller": caller, "callee": callee, "number": number, "events": []}
    call["start_ns"] = time.time_ns()
    phones.phones[caller].act("dial", number)
    rang = ("CALL_INCOMING", "CALL_RINGING", "CALL_ESTABLISHED", "CALL_CLOSED")
    phones.listen(time.monotonic() + 30, lambda: phones.first(*rang))
    begin = time.monotonic()
    for at, party, action, *argument in steps + [(seconds, caller, "hangup")]:
        phones.listen(begin + at)
        if party not in phones.phones or (
            action == "hangup" and not phones.phones[party].calls
        ):
            continue
        call["events"].append(
            {"time_ns": time.time_ns(), "party": party, "action": action}
        )
        phones.phones[party].act(action, *argument)
    call["end_ns"] = time.time_ns()
    phones.listen(
        time.monotonic() + 10,
        lambda: not any(phone.calls for phone in phones.phones.values()),
    )
    if busy := [node for node, phone in phones.phones.items() if phone.calls]:
        sys.exit(f"conduct: still in a call: {busy}; {phones.log}")
    answer = phones.first("CALL_ESTABLISHED", party=caller)
    call["answer_ns"] = answer and answer["time_ns"]
    call["log"] = phones.log
    return call


def step(text):
    at, party, action, *argument = text.split(":", 3)
    return float(at), party, action, *argument


def main():
    path, caller, callee, number, seconds, *rest = sys.argv[1:]
    want = dict(word.split("=", 1) for word in rest if "=" in word)
    steps = sorted(step(word) for word in rest if "=" not in word)
    path = pathlib.Path(path)
    truth = json.loads(path.read_text())
    nodes = [n for n, party in truth["parties"].items() if party["phone"] == "baresip"]
    call = conduct(nodes, caller, callee, number, float(seconds), steps)
    call["want"] = want
    truth["calls"].append(call)
    path.write_text(json.dumps(truth, indent=2) + "\n")


if __name__ == "__main__":
    main()
