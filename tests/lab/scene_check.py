#!/usr/bin/env python3
"""Did the collector make of a scene what happened in it?

    scene_check.py DIR

DIR has truth.json, what tcpdump saw on the SPAN ports (sw?.pcap), what the CLI
said (calls.json, sensors.json) and the recordings (ID.wav). Prints one line a
check, writes DIR/summary, and ends with 1 if anything is wrong.

Which legs, streams, packets and sensors a call must have follows from the
captures; scene_call.py says what else a scene can want.
"""

import itertools
import json
import pathlib
import sys

import capture
import wire_check
from scene_call import Scene, plus

# What is shorter has not enough words to tell who it is.
SHORTEST_S = 1.5
SIDES = {"left": "SIDE_CALLER", "right": "SIDE_CALLEE"}


class Report:
    def __init__(self):
        self.good = True

    def expect(self, good, what):
        self.good &= bool(good)
        print("ok   " if good else "WRONG", what)

    def equal(self, what, found, expected):
        good = found == expected
        self.expect(good, f"{what}: {found}" + ("" if good else f", not {expected}"))


def read_objects(path):
    return [json.loads(line) for line in path.read_text().splitlines() if line]


def check_call(report, scene_call, call):
    want, name = scene_call.want, scene_call.name
    made, witness = scene_call.call, scene_call.witness
    numbers = [scene_call.number(made["caller"]), made["number"]]
    report.equal(f"{name}: numbers", [call.get("caller"), call.get("callee")], numbers)
    for key, field, prefix, default in (
        ("state", "state", "CALL_STATE_", "completed"),
        ("end", "endReason", "END_REASON_", "bye"),
    ):
        found = call.get(field, "").removeprefix(prefix).lower()
        report.equal(f"{name}: {key}", found, want.get(key, default))
    status = str(call.get("finalStatus", 0))
    report.equal(f"{name}: status", status, want.get("status", "200"))
    flags = [f.removeprefix("CALL_FLAG_").lower() for f in call.get("flags", [])]
    report.equal(f"{name}: flags", sorted(flags), sorted(plus(want.get("flags", ""))))
    found = sorted(call.get("sensors", []))
    report.equal(f"{name}: sensors", found, plus(want.get("sensors", "s1+s2")))
    check_legs(report, scene_call, call)
    check_streams(report, scene_call, call)
    kinds = sorted({e["kind"].removeprefix("EVIDENCE_KIND_") for e in call["evidence"]})
    print("     ", ", ".join(kinds).lower())


def equal_count(report, what, found, seen, wanted):
    """As many as were seen, or as are wanted, if these are fewer."""
    report.equal(what, found, seen if wanted is None else int(wanted))
    if wanted is not None:
        report.expect(int(wanted) < seen, f"{what}: look like {seen}")


def check_legs(report, scene_call, call):
    want, name, witness = scene_call.want, scene_call.name, scene_call.witness
    legs = call.get("legs", [])
    equal_count(report, f"{name}: legs", len(legs), len(witness.dialogs), want.get("legs"))
    ids = sorted({leg["callId"] for leg in legs})
    report.equal(f"{name}: Call-IDs", ids, sorted({key[0] for key in witness.dialogs}))
    report.equal(f"{name}: how many", len(ids), int(want.get("ids", 1)))


def check_streams(report, scene_call, call):
    """Each sensor has each packet once, and the right side for it."""
    sightings, name = scene_call.witness.sightings, scene_call.name
    streams = call.get("streams", [])
    want = scene_call.want
    seen = len({key[1:] for key in sightings})
    equal_count(report, f"{name}: streams", len(streams), seen, want.get("streams"))
    codecs = sorted({stream.get("codec") for stream in streams})
    wanted = plus(want.get("codecs", scene_call.codec)) if streams else []
    report.equal(f"{name}: codecs", codecs, wanted)
    found = {}
    for stream in streams:
        if "harm" not in want:
            check_hops(report, scene_call, stream)
        who = scene_call.speaker(stream["source"], stream["destination"])
        side = SIDES[scene_call.side(who, stream["destination"])]
        title = f"{name}: side of {stream['source']} -> {stream['destination']}, where {who} speaks"
        report.equal(title, stream.get("side"), side)
        for seen in stream["observations"]:
            key = seen["sensor"], seen["source"], seen["destination"], stream["ssrc"]
            copies = seen["duplicates"] + seen["mirrorCopies"]
            found[key] = seen["packets"], copies
    for key in sorted(found.keys() | sightings.keys()):
        one = sightings.get(key)
        expected = (len(one.packets), one.copies) if one else None
        title = f"{name}: packets and copies at {key[0]} of {key[1]} -> {key[2]}"
        report.equal(title, found.get(key), expected)


def check_hops(report, scene_call, stream):
    """From sensor to sensor, away from the source; nothing is lost on the way. (What
    a bad trunk does, wire_check knows.)"""
    sensors = {seen["sensor"] for seen in stream["observations"]}
    far_first = scene_call.home(stream["source"]) != "s1"
    path = itertools.pairwise(sorted(sensors, reverse=far_first))
    found = [
        (hop["fromSensor"], hop["toSensor"], hop.get("lost", 0), hop.get("missedNear", 0))
        for hop in stream["hops"]
    ]
    title = f"{scene_call.name}: hops of {stream['source']} -> {stream['destination']}"
    astray = sent_astray(stream["observations"])
    found = [(*hop, 0 if lost <= astray else lost, missed) for *hop, lost, missed in found]
    report.equal(title, found, [(*hop, 0, 0) for hop in path])


def sent_astray(observations):
    """A relay sends the first packets to the address of the SDP, before it knows
    where packets come from: behind NAT they arrive nowhere."""
    by_sensor = {}
    for seen in observations:
        by_sensor.setdefault(seen["sensor"], []).append(seen["packets"])
    return sum(sum(counts) - max(counts) for counts in by_sensor.values())


def check_recording(report, scene, scene_call, path):
    """Each speech is heard on its side at its time, and nobody else is."""
    if scene_call.want.get("heard") == "nobody":
        sides = capture.read_wav(path)
        report.expect(sides and not any(map(any, sides)), f"{scene_call.name}: silence")
        return []
    speeches = scene_call.speeches()
    if not speeches:
        return []
    if not path.exists():
        report.expect(False, f"{scene_call.name}: no recording")
        return []
    sides = dict(zip(("left", "right"), capture.read_wav(path)))
    zero = min(begin for _, _, begin, _ in speeches)
    heard = []
    for who, side, *span in speeches:
        for begin, end, text_s in scene_call.pieces(who, *span):
            begin_s, end_s = (begin - zero) / 1e9, (end - zero) / 1e9
            if end_s - begin_s < SHORTEST_S:
                continue
            samples = sides[side][int(begin_s * 8000) : int(end_s * 8000)]
            good, values = scene.judge(samples, who, text_s)
            title = f"{side} {begin_s:.1f}-{end_s:.1f} s is {who}: {values}"
            report.expect(good, f"{scene_call.name}: {title}")
            heard.append((who, side))
    for who in (word.split(">")[0] for word in scene_call.left + scene_call.right):
        report.expect(who in dict(heard), f"{scene_call.name}: {who} is heard")
    return [f"{who} {side}" for who, side in heard]


def check_sensors(report, sensors):
    for sensor in sensors:
        for point in sensor.get("capturePoints", []):
            numbers = point.get("report", {})
            for drops in ("kernelDrops", "interfaceDrops"):
                # int64 is a string in proto3 JSON, and 0 is left out.
                report.equal(f"{sensor['id']} {drops}", int(numbers.get(drops, 0)), 0)


def summary(scene, calls, heard):
    legs, streams = (
        sum(len(call.get(key, [])) for call in calls) for key in ("legs", "streams")
    )
    sightings = scene.witness.sightings.values()
    return (
        f"{len(calls)} calls, {legs} legs, {streams} streams, "
        f"{sum(len(s.packets) for s in sightings)} packets at "
        f"{len({s.sensor for s in sightings})} sensors; heard: {', '.join(heard) or 'nobody'}"
    )


def main():
    directory = pathlib.Path(sys.argv[1])
    scene = Scene(directory)
    calls = read_objects(directory / "calls.json")
    report = Report()
    report.equal("calls", len(calls), len(scene.calls))
    heard = []
    for scene_call in scene.calls:
        ids = {key[0] for key in scene_call.witness.dialogs}
        found = [c for c in calls if ids & {leg["callId"] for leg in c.get("legs", [])}]
        report.equal(f"{scene_call.name}: calls with its Call-IDs", len(found), 1)
        for call in found[:1]:
            check_call(report, scene_call, call)
            path = directory / f"{call['id']}.wav"
            heard += check_recording(report, scene, scene_call, path)
            if "harm" in scene_call.want:
                wire_check.check(report, directory, scene_call, call)
    vlan = next((c.want["vlan"] for c in scene.calls if "vlan" in c.want), "0")
    report.equal("VLANs of SIP and RTP", scene.witness.vlans, {int(vlan)})
    check_sensors(report, read_objects(directory / "sensors.json"))
    (directory / "summary").write_text(summary(scene, calls, heard) + "\n")
    sys.exit(0 if report.good else 1)


if __name__ == "__main__":
    main()
