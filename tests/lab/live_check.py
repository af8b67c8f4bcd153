#!/usr/bin/env python3
"""Does the collector have what crossed the mirrored ports?

    live_check.py sipp --port PCAP --span-packets N --sipp CSV
                       [--calls JSON --sensors JSON]
    live_check.py scene --truth DIR --calls JSON --sensors JSON

JSON is what `callbraid ... list --json` printed: one object a line. Without it
only the truth itself is checked. Prints one line a check; ends with 1 if any is
wrong.
"""

import argparse
import collections
import csv
import json
import pathlib
import sys

import capture


class Report:
    def __init__(self):
        self.good = True

    def equal(self, what, found, expected):
        good = found == expected
        self.good &= good
        verdict = "ok   " if good else "WRONG"
        print(f"{verdict} {what}: {found}" + ("" if good else f", not {expected}"))


def read_objects(path):
    return [json.loads(line) for line in path.read_text().splitlines() if line]


def sent_streams(path):
    """Packets of each (source, destination, SSRC) in a capture; and all frames."""
    streams = collections.Counter()
    for datagram in capture.datagrams(path):
        if not datagram.source.endswith(":5060") and capture.is_rtp(datagram):
            ssrc = capture.rtp_header(datagram.payload)[3]
            streams[datagram.source, datagram.destination, ssrc] += 1
    return streams


def check_sensors(report, sensors):
    for sensor in sensors:
        for point in sensor.get("capturePoints", []):
            name = f"{sensor['id']}/{point['capturePoint']['name']}"
            numbers = point.get("report", {})
            print(f"      {name}: {numbers.get('packets', 0)} packets captured")
            # int64 is a string in proto3 JSON, and 0 is left out.
            for drops in ("kernelDrops", "interfaceDrops"):
                report.equal(f"{name} {drops}", int(numbers.get(drops, 0)), 0)


def check_sipp(report, arguments):
    sent = sent_streams(arguments.port)
    frames = capture.count_frames(arguments.port)
    report.equal("frames copied to the SPAN port", arguments.span_packets, frames)
    with open(arguments.sipp) as file:
        last = list(csv.DictReader(file, delimiter=";"))[-1]
    made = int(last["TotalCallCreated"])
    successful = int(last["SuccessfulCall(C)"])
    print(f"      sipp: {made} calls, {successful} successful;", end=" ")
    print(f"{sum(sent.values())} RTP packets in {len(sent)} streams")
    # Otherwise the machine was too busy, and the run says nothing.
    report.equal("calls that failed in sipp", made - successful, 0)
    report.equal("RTP streams on the wire", len(sent), 2 * made)
    if not arguments.calls:
        return

    calls = read_objects(arguments.calls)
    states = collections.Counter(call.get("state") for call in calls)
    report.equal("calls in the collector", len(calls), made)
    report.equal("completed calls", states["CALL_STATE_COMPLETED"], successful)
    ids = {leg["callId"] for call in calls for leg in call.get("legs", [])}
    report.equal("distinct Call-IDs", len(ids), made)

    found = collections.Counter()
    pairs = 0
    for call in calls:
        streams = call.get("streams", [])
        for stream in streams:
            key = stream["source"], stream["destination"], stream["ssrc"]
            found[key] += stream.get("packets", 0)
        # Both directions of one conversation, and nobody else's.
        ways = {(stream["source"], stream["destination"]) for stream in streams}
        pairs += len(ways) == 2 and all((to, source) in ways for source, to in ways)
    report.equal("calls with one stream each way", pairs, successful)
    report.equal("RTP packets", sum(found.values()), sum(sent.values()))
    wrong = [key for key in sent | found if sent[key] != found[key]]
    report.equal("streams with another count than on the wire", len(wrong), 0)
    for key in wrong[:5]:
        print(f"      {key[0]} -> {key[1]} {key[2]:08x}: {found[key]} of {sent[key]}")
    check_sensors(report, read_objects(arguments.sensors))


def check_scene(report, arguments):
    truth = json.loads((arguments.truth / "truth.json").read_text())
    calls = {
        leg["callId"]: call
        for call in read_objects(arguments.calls)
        for leg in call.get("legs", [])
    }
    total = len(read_objects(arguments.calls))
    report.equal("calls in the collector", total, len(truth["calls"]))
    for expected in truth["calls"]:
        call = calls.get(expected["call_id"], {})
        who = f"{expected['caller']} to {expected['callee']}"
        parties = [truth["parties"][expected[role]] for role in ("caller", "callee")]
        numbers = [party["number"] for party in parties]
        report.equal(f"{who}: numbers", [call.get("caller"), call.get("callee")], numbers)
        report.equal(f"{who}: state", call.get("state"), "CALL_STATE_COMPLETED")
        print(f"      legs {len(call.get('legs', []))}, sensors {call.get('sensors')}")
        check_packets(report, who, call, arguments.truth)
    if truth["scene"] == "two-switches":
        report.equal("sensors", sorted(call.get("sensors", [])), ["s1", "s2"])
        report.equal("legs", len(call.get("legs", [])), 2)
    check_sensors(report, read_objects(arguments.sensors))


def check_packets(report, who, call, directory):
    """Each stream of the call as in the captures, the copies of SPAN apart."""
    captured = collections.defaultdict(set)
    for path in sorted(directory.glob("sw?.pcap")):
        for datagram in capture.datagrams(path):
            if capture.is_rtp(datagram):
                *packet, ssrc = capture.rtp_header(datagram.payload)
                key = datagram.source, datagram.destination, ssrc
                captured[key].add(tuple(packet))
    for stream in call.get("streams", []):
        key = stream["source"], stream["destination"], stream["ssrc"]
        what = f"{who}: packets {key[0]} -> {key[1]}"
        report.equal(what, stream.get("packets", 0), len(captured[key]))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("mode", choices=("sipp", "scene"))
    parser.add_argument("--port", type=pathlib.Path)
    parser.add_argument("--span-packets", type=int)
    parser.add_argument("--sipp", type=pathlib.Path)
    parser.add_argument("--truth", type=pathlib.Path)
    parser.add_argument("--calls", type=pathlib.Path)
    parser.add_argument("--sensors", type=pathlib.Path)
    arguments = parser.parse_args()
    report = Report()
    {"sipp": check_sipp, "scene": check_scene}[arguments.mode](report, arguments)
    print("PASS" if report.good else "FAIL")
    sys.exit(0 if report.good else 1)


if __name__ == "__main__":
    main()
