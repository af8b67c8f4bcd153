"""Each scene of the lab's captures: sw1.pcap to sensor s1, sw2.pcap to sensor s2.

What must come out is read from the scene's README, which was written when the
scene was captured: who called whom, every RTP stream with its packets at each
switch, and whose voice is in it.
"""

import collections
import re

import harness

SIP_LINE = re.compile(r"SIP (\S+)->(\S+) cid=(\S+) legs=\[(.*?)\] ::")
RTP_LINE = re.compile(r"RTP (\S+)->(\S+) ssrc=([0-9a-f]+) pt=\{(.*?)\}.*? n=(\d+) dup=(\d+) "
                      r"lost=(-?\d+).*? HEARD=(\w)")
PARTY_OF_NUMBER = {"101": "a", "102": "b", "103": "c", "104": "d"}


class Truth:
    def __init__(self, readme):
        self.calls = {}  # Call-ID -> (caller, callee)
        self.legs = collections.defaultdict(set)  # Call-ID -> {frozenset of two hosts}
        self.streams = collections.defaultdict(dict)  # (src, dst, ssrc) -> {sensor: distinct, lost}
        self.heard = {}  # (src, dst, ssrc) -> party
        sensor = None
        for line in readme.splitlines():
            if line.startswith("#### "):
                sensor = "s1" if "/sw1.pcap" in line else "s2"
            if match := SIP_LINE.search(line):
                caller, callee, call_id, legs = match.groups()
                self.calls[call_id] = (caller, callee)
                for hosts in re.findall(r"\('([^']*)', '([^']*)'\)", legs):
                    self.legs[call_id].add(frozenset(hosts))
            if match := RTP_LINE.search(line):
                source, destination, ssrc, _, packets, duplicates, lost, party = match.groups()
                key = (source, destination, int(ssrc, 16))
                self.streams[key][sensor] = (int(packets) - int(duplicates), int(lost))
                self.heard[key] = party


def party(number):
    return PARTY_OF_NUMBER.get(number, "e")


def check_parties(report, system, truth, calls):
    by_call_id = collections.defaultdict(list)
    for call in calls:
        for call_id in {leg["callId"] for leg in call["legs"]}:
            by_call_id[call_id].append(call)
    report.equal(len(calls), len(truth.calls), "calls")
    for call_id, (caller, callee) in truth.calls.items():
        found = by_call_id[call_id]
        if not report.equal(len(found), 1, f"calls with Call-ID {call_id}"):
            continue
        call = found[0]
        report.equal((call["caller"], call["callee"]), (caller, callee), "caller, callee")
        report.equal(call["state"], "CALL_STATE_COMPLETED", "state")
        hosts = [frozenset((leg["source"].rsplit(":", 1)[0], leg["destination"].rsplit(":", 1)[0]))
                 for leg in call["legs"]]
        report.equal(sorted(map(sorted, hosts)), sorted(map(sorted, truth.legs[call_id])), "legs")


def check_streams(report, truth, calls):
    found = collections.defaultdict(list)
    for call in calls:
        for stream in call["streams"]:
            key = (stream["source"], stream["destination"], stream["ssrc"])
            found[key].append((call, stream))
    report.equal(sorted(found), sorted(truth.streams), "streams")
    for key, sensors in truth.streams.items():
        if not report.equal(len(found[key]), 1, f"streams {key}"):
            continue
        stream = found[key][0][1]
        got = {observation["sensor"]: (observation["packets"], observation["lost"])
               for observation in stream["observations"]}
        report.equal(len(stream["observations"]), len(got), f"one observation a sensor of {key}")
        report.equal(got, sensors, f"packets and loss of {key} at each sensor")
        # Whatever one switch lost, another saw: the union is never smaller.
        report.expect(stream["packets"] >= max(packets for packets, _ in sensors.values()),
                      f"union of {key}")
        heard = truth.heard[key]
        side = "SIDE_CALLER" if heard == party(found[key][0][0]["caller"]) else "SIDE_CALLEE"
        report.equal(stream["side"], side, f"side of {key}, where {heard} speaks")


def check_audio(report, system, audio_dir, call):
    rate, channels = system.audio(call["id"])
    if not report.equal(len(channels), 2, "channels"):
        return
    for name, samples, own, other in (("left", channels[0], call["caller"], call["callee"]),
                                      ("right", channels[1], call["callee"], call["caller"])):
        for number, sign in ((own, 1), (other, -1)):
            voice = audio_dir / f"{party(number)}_8000.wav"
            value = harness.correlation(rate, samples, voice)
            if sign > 0 and value < 0.9:
                # A phone plays its clip from the start again after a hold.
                value = harness.segment_correlation(rate, samples, voice)
            report.expect(value > 0.9 if sign > 0 else value < 0.2,
                          f"{name} of {call['caller']}->{call['callee']}: correlation with the "
                          f"voice of {number} is {value:.3f}")


def main():
    options = harness.arguments()
    lab = harness.shared("lab")
    report = harness.Report()
    for scene in sorted(path.parent for path in lab.glob("*/README")):
        if options.only not in scene.name:
            continue
        report.case = scene.name
        truth = Truth((scene / "README").read_text())
        with harness.System(options.bin, tls=True) as system:
            system.replay({"s1": [scene / "sw1.pcap"], "s2": [scene / "sw2.pcap"]})
            calls = system.calls()
            print(f"{scene.name}: {len(calls)} calls, "
                  f"{sum(len(call['streams']) for call in calls)} streams; evidence "
                  f"{sorted({e['kind'][14:] for call in calls for e in call['evidence']})}")
            check_parties(report, system, truth, calls)
            check_streams(report, truth, calls)
            for call in calls:
                check_audio(report, system, lab / "audio", call)
    report.finish()


main()
