"""What is heard in the lab's calls: levels, talk, and what is wrong where something is made wrong.

Levels and talk are compared with ffmpeg's volumedetect and silencedetect of the recording. The
calls as captured must raise nothing; variants of them, made by leaving packets out or changing
what is in them, exactly what was done.
"""

import audioop
import re
import subprocess

import harness
import pcap

A, C = "10.10.0.101", "10.10.0.103"


def listen(system, call):
    lines = system.json_lines("calls", "quality", call["id"], "--listening")
    listening = [line["listening"] for line in lines if "listening" in line]
    return listening[0] if listening else None


def filtered(path, channel, chain):
    result = subprocess.run(
        ["ffmpeg", "-hide_banner", "-nostats", "-i", str(path), "-af",
         f"pan=mono|c0=c{channel},{chain}", "-f", "null", "-"],
        capture_output=True, text=True, check=True)
    return result.stderr


def heard_by_ffmpeg(path, channel, seconds):
    """(mean level, share of the time that is no silence)."""
    mean = float(re.search(r"mean_volume: (-?[\d.]+) dB",
                           filtered(path, channel, "aresample=8000,volumedetect"))[1])
    threshold = mean - 16
    silence = re.findall(r"silence_duration: ([\d.]+)", filtered(
        path, channel, f"aresample=8000,silencedetect=noise={threshold}dB:d=0.25"))
    # It is silent from the first quiet sample on, we are 0.2 s after it.
    silent = sum(max(0.0, float(length) - 0.2) for length in silence)
    return mean, 1 - silent / seconds


def check_clean(report, system, call):
    """As captured: both heard, nothing wrong, and levels as ffmpeg has them."""
    import math
    told = listen(system, call)
    if not report.expect(told is not None, "it is listened to"):
        return
    report.equal(told["deadAir"], [], "dead air")
    on_hold = float(told["onHold"].rstrip("s"))
    path = system.dir / "whole.wav"
    system.cli("calls", "audio", call["id"], "-o", path)
    rate, sides = harness.read_wav(path)
    seconds = len(sides[0]) / rate
    for channel, party in enumerate(told["parties"]):
        name = party["side"]
        report.equal(party["hearing"], "HEARING_HEARD", f"{name} is heard")
        report.expect(not party["oneWay"] and "echo" not in party, f"{name}: {party}")
        report.equal(party["clippedRuns"], "0", f"clipping of {name}")
        if on_hold:
            continue
        mean, share = heard_by_ffmpeg(path, channel, seconds)
        report.expect(abs(party["talkShare"] - share) < 0.12,
                      f"{name} talks {party['talkShare']:.2f}, by ffmpeg {share:.2f}")
        level = mean - 10 * math.log10(party["talkShare"])
        report.expect(abs(party["levelDbov"] - level) < 1,
                      f"{name}: {party['levelDbov']:.1f} dBov, by ffmpeg {level:.1f}")
        print(f"  {name}: {party['levelDbov']:.1f} dBov (ffmpeg {level:.1f}), talks "
              f"{party['talkShare']:.2f} (ffmpeg {share:.2f}), noise {party.get('noiseDbov')}")


def clean(report, options, lab):
    for scene in sorted(path.parent for path in lab.glob("*/README")):
        report.case = scene.name
        with harness.System(options.bin, tls=True) as system:
            system.replay({"s1": [scene / "sw1.pcap"], "s2": [scene / "sw2.pcap"]})
            calls = [call for call in system.calls() if call["streams"]]
            print(f"{scene.name}: {len(calls)} calls")
            for call in calls:
                check_clean(report, system, call)


def variant(options, scene, change):
    """The calls of a scene of which change(path) makes another capture; by their Call-ID."""
    system = harness.System(options.bin, tls=True)
    system.__enter__()
    files = {}
    for sensor, name in (("s1", "sw1.pcap"), ("s2", "sw2.pcap")):
        files[sensor] = [change(pcap.Pcap(scene / name)).write(system.dir / name)]
    system.replay(files)
    return system, [call for call in system.calls() if call["streams"]]


def one_sided(report, options, lab):
    """Nothing of the callee's voice, and of the caller's."""
    for host, side, other in ((C, "SIDE_CALLEE", 0), (A, "SIDE_CALLER", 1)):
        report.case = f"without what {host} says"

        def is_dropped(_, data, host=host):
            return pcap.rtp(data) is not None and pcap.udp(data)[0] == host
        system, calls = variant(options, lab / "d1-hold-dtmf-g722",
                                lambda capture: capture.without(is_dropped))
        try:
            report.equal(len(calls), 1, "calls")
            told = listen(system, calls[0])
            unheard = told["parties"][1 - other]
            report.equal((unheard["side"], unheard["hearing"], unheard["oneWay"]),
                         (side, "HEARING_NO_PACKETS", True), "who is not heard")
            heard = told["parties"][other]
            report.equal((heard["hearing"], heard["oneWay"]), ("HEARING_HEARD", False),
                         "the other one")
            events = [event for event in system.json_lines("calls", "timeline", calls[0]["id"])
                      if "unheard" in event]
            report.equal([(event["side"], event["unheard"]["why"]) for event in events],
                         [(side, "HEARING_NO_PACKETS")], "on the timeline")
        finally:
            system.__exit__(None, None, None)


class EchoMaker:
    """Puts, in place of what c says, what a said before, weaker; G.711 mu-law.

    Each stream lies where its least delayed packet was captured, as in a recording. What the
    first capture is given, the second has, too.
    """

    def __init__(self, delay_s, loss_db):
        self.delay = round(8000 * delay_s)
        self.gain = 10 ** (-loss_db / 20)
        self.payloads = {}  # (SSRC, sequence) -> payload

    def __call__(self, capture):
        if not self.payloads:
            self.make(capture)
        packets = []
        for time_ns, wire, data in capture.packets:
            payload = self.payloads.get(pcap.rtp(data))
            if payload:
                data = data[:-len(payload)] + payload
            packets.append((time_ns, wire, data))
        capture.packets = packets
        return capture

    def make(self, capture):
        said = {}  # Capture time in samples -> sample.
        for at, _, payload in self.placed(capture, A):
            pcm = audioop.ulaw2lin(payload, 2)
            said.update((at + i, pcm[2 * i:2 * i + 2]) for i in range(len(payload)))
        for at, name, payload in self.placed(capture, C):
            pcm = b"".join(said.get(at + i - self.delay, b"\0\0") for i in range(len(payload)))
            self.payloads[name] = audioop.lin2ulaw(audioop.mul(pcm, 2, self.gain), 2)

    @staticmethod
    def placed(capture, host):
        """(place in samples, (SSRC, sequence), payload) of what `host` says."""
        begins, packets = {}, []
        for time_ns, _, data in capture.packets:
            name, parts = pcap.rtp(data), pcap.udp(data)
            if name is None or parts[0] != host or parts[4][1] & 127 != 0:
                continue
            stamp = int.from_bytes(parts[4][4:8], "big")
            begin = time_ns * 8 // 1_000_000 - stamp
            begins[name[0]] = min(begin, begins.get(name[0], begin))
            packets.append((stamp, name, parts[4][12:]))
        return [(begins[name[0]] + stamp, name, payload) for stamp, name, payload in packets]


def echo(report, options, lab):
    """What c sends is what a said."""
    for delay_s, loss_db in ((0.18, 14), (0.06, 24)):
        report.case = f"echo after {delay_s} s, {loss_db} dB"
        system, calls = variant(options, lab / "b-local-trunk", EchoMaker(delay_s, loss_db))
        try:
            report.equal(len(calls), 2, "calls")
            for call in calls:
                told = listen(system, call)
                mine, other = (party for party in sorted(
                    told["parties"],
                    key=lambda party: (party["side"] == "SIDE_CALLER") != (call["caller"] == "101")))
                report.expect("echo" not in other, f"only a hears itself: {other}")
                if not report.expect("echo" in mine, f"a hears itself: {mine}"):
                    continue
                found = mine["echo"]
                print(f"  {report.case}: {found['delayMs']:.1f} ms, "
                      f"{found['returnLossDb']:.1f} dB, {found['share']:.2f}")
                report.expect(abs(found["delayMs"] - 1000 * delay_s) < 8, "delay")
                report.expect(abs(found["returnLossDb"] - loss_db) < 3, "return loss")
        finally:
            system.__exit__(None, None, None)


def main():
    options = harness.arguments()
    lab = harness.shared("lab")
    report = harness.Report()
    clean(report, options, lab)
    one_sided(report, options, lab)
    echo(report, options, lab)
    report.finish()


main()
