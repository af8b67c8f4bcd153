#!/usr/bin/env python3
"""Makes one call between phones of the lab and writes down the truth.

    conduct.py TRUTH CALLER CALLEE NUMBER SECONDS [AT:PARTY:ACTION[:ARGUMENT]...]
               [NAME=VALUE...]

CALLER and CALLEE are nodes (a, b, c, d, ...). NUMBER is what the caller dials;
the callee answers as its phone is set to. SECONDS after the callee's phone
rang, the caller hangs up. In between, AT seconds after the ring, PARTY does
ACTION (see phone.py), or pickup NUMBER: takes the call of that number, which
rings elsewhere. With after=FILE all this counts from when that file is there,
beside TRUTH. Any other NAME=VALUE says what must come out (see scene_call.py).

The call is added to the JSON file TRUTH, with all that the phones reported.
"""

import json
import pathlib
import sys
import time
import urllib.parse

import capture
from phone import KINDS
from witness import header


class Ensemble:
    """All phones of a scene, by node: {node: kind}."""

    def __init__(self, kinds):
        self.phones = {node: KINDS[kind](node) for node, kind in kinds.items()}
        self.log = []

    def listen(self, until, enough=lambda: False):
        """Notes what phones report until then, or until it is enough."""
        while True:
            for phone in list(self.phones.values()):
                self._note(phone)
            if enough() or time.monotonic() >= until:
                return
            time.sleep(min(0.02, max(0, until - time.monotonic())))

    def _note(self, phone):
        try:
            for kind, call in phone.events():
                self.log.append(
                    {
                        "time_ns": time.time_ns(),
                        "party": phone.node,
                        "type": kind,
                        "call": call,
                    }
                )
        except ConnectionResetError:  # It was killed.
            del self.phones[phone.node]

    def first(self, *types, party=None):
        return next(
            (
                event
                for event in self.log
                if event["type"] in types and party in (None, event["party"])
            ),
            None,
        )


def replaces(folder):
    """Names the dialog that rings in a URI, as a phone that watches its neighbour's
    lamp does. Read from the captures, instead of dialog-info (RFC 4235)."""
    found = None
    for path in folder.glob("sw?.pcap"):
        for datagram in capture.datagrams(path):
            message = datagram.payload.decode("utf-8", "replace")
            if message.startswith("SIP/2.0 180"):
                found = message
    tags = [header(found, name).split("tag=")[1].split(";")[0] for name in ("from", "to")]
    named = f"{header(found, 'call-id')};to-tag={tags[0]};from-tag={tags[1]};early-only"
    return "?Replaces=" + urllib.parse.quote(named, safe="")


def conduct(folder, kinds, caller, callee, number, seconds, steps, after):
    phones = Ensemble(kinds)
    call = {"caller": caller, "callee": callee, "number": number, "events": []}
    call["start_ns"] = time.time_ns()
    phones.phones[caller].act("dial", number)
    rang = ("CALL_INCOMING", "CALL_RINGING", "CALL_ESTABLISHED", "CALL_CLOSED")
    phones.listen(time.monotonic() + 30, lambda: phones.first(*rang))
    if after:
        phones.listen(time.monotonic() + 120, (folder / after).exists)
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
        if action == "pickup":
            action, argument = "dial", [argument[0] + replaces(folder)]
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
    kinds = {name: party["phone"] for name, party in truth["parties"].items()}
    after = want.pop("after", None)
    call = conduct(
        path.parent, kinds, caller, callee, number, float(seconds), steps, after
    )
    call["want"] = want
    truth["calls"].append(call)
    path.write_text(json.dumps(truth, indent=2) + "\n")


if __name__ == "__main__":
    main()
