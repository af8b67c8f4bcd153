"""What the wire (wire.py) did to each stream, against what the collector says."""

import csv
import operator

import capture


def read_fates(path):
    """(direction, fate) of each packet, by SSRC and sequence number."""
    streams = {}
    with open(path) as file:
        for row in csv.DictReader(file):
            packets = streams.setdefault(int(row["ssrc"]), {})
            packets[int(row["sequence"])] = row["direction"], row["fate"]
    return streams


def in_order(sequences):
    """16-bit sequence numbers of one stream of less than 32768 packets."""
    wrapped = max(sequences) - min(sequences) > 32768
    return sorted(sequences, key=lambda n: n + 65536 * (wrapped and n < 32768))


def watched_by_both(fates):
    """A hop is the time in which both ends saw the stream: what is lost before the
    first packet or after the last does not count."""
    arrived = [n for n, fate in enumerate(fates) if fate != "lost"]
    return fates[arrived[0] : arrived[-1] + 1]


def share_of(clean, recorded, at):
    """How much of the clean samples is in the recording, at about this place."""
    piece = clean[8000:12000]

    def fits(place):
        return sum(map(operator.eq, recorded[place + 8000 :], piece))

    place = max(range(max(0, at - 200), at + 200), key=fits)
    return sum(map(operator.eq, recorded[place:], clean)) / len(clean)


def check(report, directory, scene_call, call):
    """Per sensor and hop: exactly what was lost, and what came twice. And the
    recording has every sample that came to the sensor before the wire."""
    sides = dict(
        zip(("left", "right"), capture.read_wav(directory / f"{call['id']}.wav"))
    )
    streams = {stream["ssrc"]: stream for stream in call["streams"]}
    sightings = scene_call.witness.sightings
    zero = min(one.begin_ns for one in sightings.values())
    for ssrc, packets in read_fates(directory / "wire.csv").items():
        direction = next(iter(packets.values()))[0]
        near, far = ("s1", "s2") if direction == "east" else ("s2", "s1")
        fates = [packets[sequence][1] for sequence in in_order(packets)]
        lost, twice = fates.count("lost"), fates.count("twice")
        between = watched_by_both(fates)
        stream = streams[ssrc]
        seen = {o["sensor"]: o for o in stream["observations"]}
        name = f"{ssrc:08x} {near} to {far}"
        for title, found, expected in (
            ("packets in all", stream["packets"], len(fates)),
            ("lost in all", stream["lost"], 0),
            ("packets before the wire", seen[near]["packets"], len(fates)),
            ("packets after it", seen[far]["packets"], len(fates) - lost),
            ("duplicates after it", seen[far]["duplicates"], twice),
            (
                "hops",
                [
                    (hop["fromSensor"], hop["toSensor"], hop["packets"], hop["lost"])
                    for hop in stream["hops"]
                ],
                [(near, far, len(between), between.count("lost"))],
            ),
        ):
            report.equal(f"{name}: {title}", found, expected)
        clean = next(s for k, s in sightings.items() if (k[0], k[3]) == (near, ssrc))
        who = scene_call.speaker(clean.source, clean.destination)
        side = sides[scene_call.side(who, clean.destination)]
        share = share_of(clean.audio(2**63), side, (clean.begin_ns - zero) * 8 // 10**6)
        report.equal(f"{name}: share of the clean samples in the recording", share, 1.0)
        # A wire that harms nothing would prove nothing.
        report.expect(lost > 0 and twice > 0, f"{name}: lost {lost}, doubled {twice}")
