"""Media that two sensors see crosses the WAN once, and nothing is missed for it.

Both sensors capture from the same wire, live: as two switches that both mirror a
call. The first sends what it sees, the second keeps what another one sends. The
recordings must be what the phones said, to the sample, whatever happens to either.
"""

import pathlib
import signal
import struct
import subprocess
import sys
import time

import numpy

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "faults"))
import harness  # noqa: E402
import known_media  # noqa: E402
import live_wire  # noqa: E402
import phones  # noqa: E402

CALLS = 4
TALK_S = 12
KEEP = {"media": {"seen_elsewhere": "keep"}}
# RTP's sequence number is behind eight bytes of UDP and two of RTP.
LOSES_SOME = '"not (udp and udp[10:2] > 250 and udp[10:2] < 254)"'


def decode_mulaw(data):
    """ITU-T G.711, table 2a."""
    code = ~numpy.frombuffer(data, numpy.uint8).astype(numpy.int32) & 0xff
    magnitude = ((((code & 15) << 3) + 132) << ((code >> 4) & 7)) - 132
    return numpy.where(code & 128, -magnitude, magnitude).astype(numpy.int16)


def said(number, packets):
    """What both sides of a call say, in samples."""
    call = phones.Call(number, "")
    spoken = [[], []]
    for _ in range(packets):
        for side, frame in enumerate(call.talk()):
            spoken[side].append(frame[54:])
    return [decode_mulaw(b"".join(payloads)) for payloads in spoken]


class Scene:
    """Two sensors on one wire, and phones that talk."""

    def __init__(self, options, report, prefix, name):
        self.report = report
        self.prefix = prefix
        self.system = harness.System(options.bin, tls=True, prefix=prefix)
        report.case = name

    def __enter__(self):
        self.system.__enter__()
        return self

    def __exit__(self, *failure):
        self.system.__exit__(*failure)

    def start(self, sensor, config):
        path = self.system.dir / f"{sensor}.yaml"
        lines = []
        for section, values in config.items():
            lines += [f"{section}:", *(f"  {key}: {value}" for key, value in values.items())]
        path.write_text("\n".join(lines) + "\n")
        return live_wire.start_sensor(self.system, sensor, "--config", path)

    def talk(self):
        self.phones = subprocess.Popen(
            [*self.prefix, sys.executable, phones.__file__, "wire0", str(CALLS)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, stderr=subprocess.DEVNULL)
        self.phones.stdout.readline()
        self.begun = time.monotonic()

    def wait_until(self, second):
        time.sleep(max(0, self.begun + second - time.monotonic()))

    def hang_up(self):
        """{SSRC: packets} of what was sent."""
        self.wait_until(TALK_S)
        output = self.phones.communicate()[0]
        return {int(ssrc): int(count) for ssrc, count in map(str.split, output.splitlines())}

    def bytes_received(self):
        return {sensor["id"]: int(sensor["bytesReceived"])
                for sensor in self.system.json_lines("sensors", "list")}

    def calls_when_whole(self, sent, timeout=45):
        """The calls, once no payload is missing any more, or it is too late."""
        deadline = time.monotonic() + timeout
        while True:
            calls = self.system.calls(settle=1.0)
            streams = [stream for call in calls for stream in call["streams"]]
            if (len(streams) == len(sent) and not any(stream.get("withheld") for stream in streams)
                    or time.monotonic() > deadline):
                return calls

    def check(self, sent):
        """That each call is whole, and sounds as it was said."""
        report = self.report
        calls = self.calls_when_whole(sent)
        report.equal(len(calls), CALLS, "calls")
        for call in calls:
            for stream in call["streams"]:
                count = sent[stream["ssrc"]]
                report.equal((stream["packets"], stream.get("lost", 0), stream.get("withheld", 0)),
                             (count, 0, 0), f"packets, lost and withheld of {stream['ssrc']}")
            number = (call["streams"][0]["ssrc"] - 0x10000000) // 2
            self.check_audio(call, said(number, max(sent.values())))
            self.check_packets(call, sent)
        return calls

    def check_audio(self, call, spoken):
        rate, channels = self.system.audio(call["id"])
        self.report.equal(rate, 8000, "rate")
        for side, (heard, want) in enumerate(zip(channels, spoken)):
            # Somewhere after the first packets, so that the beginning may be cut.
            mark = want[3200:3360].tobytes()
            at = heard.tobytes().find(mark) // 2 - 3200
            self.report.expect(at > -3200, f"side {side} is heard")
            first = max(0, -at)
            part = heard[at + first:at + len(want)]
            self.report.expect(len(want) - len(part) < 1600, f"side {side} is heard to its end")
            different = int((part != want[first:first + len(part)]).sum())
            self.report.equal(different, 0, f"samples of side {side} that are not as they were said")

    def check_packets(self, call, sent):
        """That the payload of each packet is there, at one capture point or another."""
        path = self.system.dir / "packets.pcapng"
        self.system.cli("calls", "packets", call["id"], "-o", path)
        whole = set()
        for _, _, frame in known_media.packets(path):
            ssrc = known_media.ssrc(frame)
            if ssrc is None or len(frame) < 54 + phones.PAYLOAD:
                continue
            number, same = struct.unpack_from(">II", frame, 54)
            if same == ssrc:
                whole.add((ssrc, number))
        for stream in call["streams"]:
            count = sum(ssrc == stream["ssrc"] for ssrc, _ in whole)
            self.report.equal(count, sent[stream["ssrc"]], f"packets of {stream['ssrc']} with payload")


def kept(calls, sensor):
    return sum(seen.get("kept", 0) for call in calls for stream in call["streams"]
               for seen in stream["observations"] if seen["sensor"] == sensor)


def both_see_all(scene):
    scene.start("s1", {"media": {"compression": "none"}})
    scene.start("s2", {"media": {"compression": "none", "seen_elsewhere": "keep"}})
    scene.talk()
    sent = scene.hang_up()
    calls = scene.check(sent)
    count = kept(calls, "s2")
    received = scene.bytes_received()
    share = received["s2"] / received["s1"]
    print(f"s2 kept {count} of {sum(sent.values())} packets, and sent {100 * share:.0f} % of the bytes of s1")
    scene.report.expect(count > 0.7 * sum(sent.values()), "most packets are kept")
    scene.report.expect(share < 0.4, "the second sensor sends little")
    return sent


def one_misses_some(scene):
    """What the mirror of s1 lost is taken from s2, though that kept it."""
    scene.start("s1", {"capture": {"filter": LOSES_SOME}})
    scene.start("s2", KEEP)
    scene.talk()
    sent = scene.hang_up()
    calls = scene.check(sent)
    scene.report.expect(kept(calls, "s2") > 0.4 * sum(sent.values()), "the rest is kept")


def the_sender_dies(scene):
    first = scene.start("s1", {})
    scene.start("s2", KEEP)
    scene.talk()
    scene.wait_until(6)
    first.kill()
    first.wait()
    sent = scene.hang_up()
    scene.check(sent)


def the_collector_dies(scene):
    scene.start("s1", {})
    scene.start("s2", KEEP)
    scene.talk()
    scene.wait_until(5)
    scene.system.kill_collector()
    scene.system.start_collector()
    sent = scene.hang_up()
    scene.check(sent)


def the_keeper_dies(scene):
    """It keeps on disk: after a restart it still has what the other missed before."""
    scene.start("s1", {"capture": {"filter": LOSES_SOME}})
    second = scene.start("s2", KEEP)
    scene.talk()
    # The gap is from 5.02 s to 5.08 s; a chunk and what is gathered take 0.7 s. The collector
    # stands still meanwhile, so that it cannot ask before.
    scene.wait_until(4.5)
    scene.system.collector.send_signal(signal.SIGSTOP)
    scene.wait_until(6.2)
    second.kill()
    second.wait()
    scene.system.collector.send_signal(signal.SIGCONT)
    scene.start("s2", KEEP)
    sent = scene.hang_up()
    scene.check(sent)


def the_other_way_round(scene):
    """Who keeps is called before who sends."""
    scene.start("s1", KEEP)
    scene.start("s2", {})
    scene.talk()
    sent = scene.hang_up()
    calls = scene.check(sent)
    scene.report.expect(kept(calls, "s1") > 0.7 * sum(sent.values()), "most packets are kept")


def all_three_keep(scene):
    """One of them sends; when it dies, one of the others does."""
    sensors = {name: scene.start(name, KEEP) for name in ("s1", "s2", "s3")}
    scene.talk()
    scene.wait_until(6)
    kept_by = {name: kept(scene.system.calls(settle=0.3), name) for name in sensors}
    senders = [name for name, count in kept_by.items() if count == 0]
    scene.report.equal(len(senders), 1, f"sensors that kept nothing, of {kept_by}")
    for name in senders:
        sensors[name].kill()
        sensors[name].wait()
    sent = scene.hang_up()
    scene.check(sent)


def main():
    options = harness.arguments()
    report = harness.Report()
    for case in (both_see_all, one_misses_some, the_sender_dies, the_collector_dies, the_keeper_dies,
                 the_other_way_round, all_three_keep):
        if options.only not in case.__name__:
            continue
        with live_wire.wire() as prefix, Scene(options, report, prefix, case.__name__) as scene:
            case(scene)
    report.finish()


main()
