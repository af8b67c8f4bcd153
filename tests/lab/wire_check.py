"""What the wire (wire.py) did to each stream, against what the collector says."""

import csv


def read_fates(path):
    """(direction, fate) of each packet, by SSRC and sequence number."""
    streams = {}
    with open(path) as file:
        for row in csv.DictReader(file):
            packets = streams.setdefault(int(row["ssrc"]), {})
            packets[int(row["sequence"])] = row["direction"], row["fate"]
    return streams


def check(report, path, call):
    """Per sensor and hop: exactly what was lost, and what came twice. And the
    recording is whole: the sensor before the wire saw everything."""
    if not path.exists():
        return
    streams = {stream["ssrc"]: stream for stream in call["streams"]}
    for ssrc, packets in read_fates(path).items():
        direction = next(iter(packets.values()))[0]
        near, far = ("s1", "s2") if direction == "east" else ("s2", "s1")
        fates = [fate for _, fate in packets.values()]
        lost, twice = fates.count("lost"), fates.count("twice")
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
                [(near, far, len(fates), lost)],
            ),
        ):
            report.equal(f"{name}: {title}", found, expected)
        # A wire that harms nothing would prove nothing.
        report.expect(lost > 0 and twice > 0, f"{name}: lost {lost}, doubled {twice}")
