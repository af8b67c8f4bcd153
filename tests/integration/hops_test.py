"""Where packets were lost, and by whom: the network, or a capture that missed them.

The impaired trunk has its truth packet by packet (wire.csv). What else is needed
comes from the clean trunk, less packets that a seeded script takes out of one
sensor's capture or the other's.
"""

import collections
import csv
import random
import statistics

import harness
import pcap

IMPAIRED = "e-impaired-trunk"
CLEAN = "b-local-trunk"


def streams_of(calls):
    return {stream["ssrc"]: stream for call in calls for stream in call["streams"]}


def replay(options, captures, audio=False):
    """({ssrc: stream}, {ssrc: WAV of the stream}) of {sensor: capture}."""
    with harness.System(options.bin) as system:
        system.replay({sensor: [path] for sensor, path in captures.items()})
        calls = system.calls(settle=0.4)
        wavs = {}
        for call in calls if audio else []:
            for stream in call["streams"]:
                path = system.dir / "stream.wav"
                system.cli("calls", "audio", call["id"], "--stream", stream["id"], "-o", path)
                wavs[stream["ssrc"]] = path.read_bytes()
        return streams_of(calls), wavs


def wire_truth(path):
    """By SSRC: {action: count}, delays in ms of what came through."""
    actions = collections.defaultdict(collections.Counter)
    delays = collections.defaultdict(list)
    for row in csv.DictReader(path.open()):
        ssrc = int(row["ssrc"], 16)
        actions[ssrc][row["action"]] += 1
        if row["action"] == "fwd":
            delays[ssrc].append(int(row["delay_us"]) / 1000)
    return actions, delays


def check_impaired(options, report, lab):
    scene = lab / IMPAIRED
    actions, delays = wire_truth(scene / "wire.csv")
    both = {"s1": scene / "sw1.pcap", "s2": scene / "sw2.pcap"}
    streams, wavs = replay(options, both, audio=True)
    near = {sensor: replay(options, {sensor: path}, audio=True) for sensor, path in both.items()}
    report.equal(sorted(streams), sorted(actions), "streams")
    for ssrc, stream in streams.items():
        report.case = f"{IMPAIRED}, {ssrc:08x}"
        hop, = stream["hops"]
        truth = actions[ssrc]
        sent = sum(truth.values())
        report.equal(hop.get("lost", 0), truth["drop"], "lost on the hop")
        report.equal(hop.get("networkLost", 0), truth["drop"], "lost by the network")
        report.equal(hop.get("missedNear", 0), 0, "missed at the near end")
        report.equal(hop["packets"], sent, "packets on the hop")
        report.equal(hop.get("duplicated", 0), truth["dup"], "duplicates made on the hop")
        report.equal(stream["packets"], sent, "packets")
        report.equal(stream.get("lost", 0), 0, "lost before the first capture point")
        report.expect(not stream["captureLosses"], "no capture lost anything")
        share = 100 * truth["drop"] / sent
        report.equal(stream["findings"][0],
                     f"{share:.1f} % lost between {hop['fromSensor']} and {hop['toSensor']} "
                     f"({truth['drop']} of {sent} packets), nothing before, nothing after",
                     "what the call says")
        delay = statistics.median(delays[ssrc])
        report.expect(abs(hop["delayMs"] - delay) <= hop["delayUncertaintyMs"],
                      f"delay {hop['delayMs']} +/- {hop['delayUncertaintyMs']} ms, in truth {delay}")
        # The recording has the lost packets from the clean side, bit for bit.
        clean = near[hop["fromSensor"]][1][ssrc]
        report.equal(wavs[ssrc] == clean, True, "the recording is that of the near side alone")
        print(f"{report.case}: {stream['findings']}; delay {hop['delayMs']:.1f} +/- "
              f"{hop['delayUncertaintyMs']:.1f} ms (truth {delay:.1f}), varying by "
              f"{hop['delayVariationP95Ms']:.1f} ms")


def drop_from(path, out, lost):
    """Takes the RTP packets {(ssrc, sequence)} out of a capture."""
    return pcap.Pcap(path).without(lambda _, data: pcap.rtp(data) in lost).write(out)


def packets_of(path):
    """By SSRC: its RTP sequence numbers, in order."""
    found = collections.defaultdict(list)
    for _, _, data in pcap.Pcap(path).packets:
        packet = pcap.rtp(data)
        if packet is not None:
            found[packet[0]].append(packet[1])
    return found


def check_union(options, report, lab, folder):
    """Two mirrors of one switch, each of which drops another random 5 %."""
    capture = lab / CLEAN / "sw1.pcap"
    packets = packets_of(capture)
    for seed in (1, 2):
        report.case = f"union of two lossy mirrors, seed {seed}"
        random.seed(seed)
        lost = [{(ssrc, sequence) for ssrc, numbers in packets.items() for sequence in numbers
                 if random.random() < 0.05} for _ in range(2)]
        both = lost[0] & lost[1]
        streams, wavs = replay(options, {
            f"s{i + 1}": drop_from(capture, folder / f"lossy{i}.pcap", lost[i]) for i in range(2)},
            audio=True)
        ideal, ideal_wavs = replay(
            options, {"s1": drop_from(capture, folder / "ideal.pcap", both)}, audio=True)
        report.equal(sorted(streams), sorted(packets), "streams")
        for ssrc, numbers in packets.items():
            gone = {sequence for source, sequence in both if source == ssrc}
            kept = [sequence for sequence in numbers if sequence not in gone]
            report.equal(streams[ssrc]["packets"], len(kept), f"packets of {ssrc:08x}")
            report.equal(streams[ssrc].get("lost", 0), ideal[ssrc].get("lost", 0),
                         f"lost of {ssrc:08x}: what both dropped")
            report.equal(wavs[ssrc] == ideal_wavs[ssrc], True,
                         f"recording of {ssrc:08x} is that of a mirror that lost only this")
        print(f"{report.case}: {len(lost[0])} and {len(lost[1])} dropped, {len(both)} by both")


def check_capture_loss(options, report, lab, folder):
    scene = lab / CLEAN
    near, far = scene / "sw1.pcap", scene / "sw2.pcap"
    # From the phone at switch 1 to that at switch 2, in the call of the README.
    ssrc = next(stream["ssrc"] for stream in replay(options, {"s1": near, "s2": far})[0].values()
                if stream["hops"][0]["fromSensor"] == "s1")
    numbers = packets_of(near)[ssrc]
    random.seed(3)
    # Before the receiver's last report, which comes after five seconds.
    some = {(ssrc, sequence) for sequence in random.sample(numbers[20:200], 12)}

    report.case = "the near mirror misses packets"
    streams, _ = replay(options, {"s1": drop_from(near, folder / "near.pcap", some), "s2": far})
    stream = streams[ssrc]
    report.equal(stream.get("findings"), ["capture loss at s1: 12 packets that s2 saw"], "findings")
    report.equal(stream["hops"][0].get("networkLost", 0), 0, "lost by the network")

    report.case = "the far mirror misses packets that the receiver has"
    streams, _ = replay(options, {"s1": near, "s2": drop_from(far, folder / "far.pcap", some)})
    stream = streams[ssrc]
    report.equal(stream.get("findings"),
                 ["capture loss at s2: 12 packets that the receiver reports as arrived"],
                 "findings")
    report.equal(stream["hops"][0].get("lost", 0), 12, "not seen at the far end")
    report.equal(stream["hops"][0].get("networkLost", 0), 0, "lost by the network")

    report.case = "the network loses packets that nobody reports"
    late = {(ssrc, sequence) for sequence in numbers[-60:-55]}
    streams, _ = replay(options, {"s1": near, "s2": drop_from(far, folder / "late.pcap", late)})
    stream = streams[ssrc]
    report.equal(stream["hops"][0].get("networkLost", 0), 5, "lost by the network")
    print(f"capture loss: {stream.get('findings')}")


def main():
    options = harness.arguments()
    lab = harness.shared("lab")
    report = harness.Report()
    with harness.System(options.bin) as system:
        folder = system.dir
        for check in (lambda: check_impaired(options, report, lab),
                      lambda: check_union(options, report, lab, folder),
                      lambda: check_capture_loss(options, report, lab, folder)):
            check()
    report.finish()


main()
