"""kill -9 in mid-call while a sensor captures live: what was on the wire is recorded.

One call of the quickstart goes over a veth pair in a network namespace, in real
time. First the collector is killed, which must cost nothing. Then the sensor is:
that may cost what was still in its memory, and what passed while it was away.
"""

import collections
import pathlib
import socket
import struct
import subprocess
import sys
import time

for folder in ("integration", "lab"):
    sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / folder))
import capture  # noqa: E402  (after their paths are known)
import harness  # noqa: E402
import known_media  # noqa: E402
import live_wire  # noqa: E402

SCENE = harness.ROOT / "deploy/quickstart.d/sw1.pcap"
# A media chunk (500 ms), the gathering of frames (100 ms), and a busy machine.
IN_MEMORY_NS = 900_000_000


def rtp_of(frame):
    """(SSRC, sequence number) of a frame of RTP, else None."""
    if len(frame) < 54 or frame[12:14] != b"\x08\x00" or frame[23] != 17:
        return None
    payload = frame[14 + 4 * (frame[14] & 15) + 8:]
    datagram = capture.Datagram(0, "", "", payload)
    if not capture.is_rtp(datagram) or payload[:3] == b"SIP":
        return None
    _, sequence, _, ssrc = capture.rtp_header(payload)
    return ssrc, sequence


def send(interface):
    """Puts the scene on the wire as it was; prints when each packet of RTP went."""
    wire = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
    wire.bind((interface, 0))
    frames = list(capture.frames(SCENE))
    start_ns = time.time_ns() - frames[0][0]
    print("started", flush=True)
    sent = []
    for time_ns, frame in frames:
        time.sleep(max(0, start_ns + time_ns - time.time_ns()) / 1e9)
        sent.append((time.time_ns(), rtp_of(frame)))
        wire.send(frame)
    for time_ns, packet in sent:
        if packet:
            print(time_ns, *packet)


def least_difference(rate, samples, want):
    """Seconds that are not the same, where a side begins as the wire jitters; and the shift."""
    def different(lag):
        a, b = (samples[lag:], want) if lag >= 0 else (samples, want[-lag:])
        size = min(len(a), len(b))
        return int((a[:size] != b[:size]).sum()) / rate
    reach = rate // 50
    return min((different(lag), lag) for lag in range(-reach, reach + 1))


def check(report, system, sent, killed_ns, up_ns, want_audio):
    calls = system.calls(settle=1.5)
    if not report.equal(len(calls), 1, "calls"):
        return
    [call] = calls
    report.equal(call["state"], "CALL_STATE_COMPLETED", "state")
    path = system.dir / "call.pcapng"
    system.cli("calls", "packets", call["id"], "-o", path)
    got = collections.Counter(filter(None, map(rtp_of, (frame for _, _, frame in known_media.packets(path)))))
    report.expect(set(got.values()) == {1}, "each packet is there once")
    report.expect(set(got) <= set(sent), "nothing is there that was not sent")
    missing = {packet: time_ns for packet, time_ns in sent.items() if packet not in got}
    early = [p for p, t in missing.items() if t < killed_ns - IN_MEMORY_NS]
    late = [p for p, t in missing.items() if t > up_ns]
    print(f"{len(sent)} packets sent, {len(missing)} not recorded; the sensor was away for "
          f"{(up_ns - killed_ns) / 1e9:.2f} s")
    report.equal(len(early), 0, "packets missing from before the sensor was killed")
    report.equal(len(late), 0, "packets missing from after it was back")
    report.equal({stream["ssrc"]: stream.get("lost", 0) for stream in call["streams"]},
                 {ssrc: sum(p[0] == ssrc for p in missing) for ssrc in {p[0] for p in sent}},
                 "lost packets told for each stream")
    # The gap is as long as it was: what is around it is where it was said.
    rate, channels = system.audio(call["id"])
    report.equal(rate, want_audio[0], "rate of the recording")
    # Live packets do not leave to the sample when the capture says so.
    wrong_ms = abs(len(channels[0]) - len(want_audio[1][0])) * 1000 / rate
    report.expect(wrong_ms < 20, f"length of the recording is {wrong_ms:.1f} ms off")
    cut = (killed_ns + up_ns) // 2 - min(sent.values())
    cut = cut * rate // 1_000_000_000
    for name, samples, want in zip(("left", "right"), channels, want_audio[1]):
        # What follows a pause is where the packets after it say: as exact as they jitter.
        parts = [least_difference(rate, samples[part], want[part]) for part in (slice(cut), slice(cut, None))]
        different = sum(seconds for seconds, _ in parts)
        print(f"{name}: {different:.2f} s of {len(want) / rate:.2f} s are not as without a fault, shifted by "
              + " and ".join(f"{1000 * lag / rate:.1f} ms" for _, lag in parts))
        allowed = (up_ns - killed_ns + IN_MEMORY_NS) / 1e9 + 0.1
        report.expect(different <= allowed, f"{name}: no more than {allowed:.2f} s differ")


def main():
    options = harness.arguments()
    report = harness.Report()
    report.case = "live"
    with harness.System(options.bin) as system:
        system.replay({"s1": [SCENE]})
        want_audio = system.audio(system.calls()[0]["id"])
    with live_wire.wire() as prefix:
        with harness.System(options.bin, tls=True, prefix=prefix) as system:
            sensor = live_wire.start_sensor(system, "s1")
            sender = subprocess.Popen([*prefix, sys.executable, __file__, "--send", "wire0"],
                                      stdout=subprocess.PIPE, text=True)
            sender.stdout.readline()
            time.sleep(2)
            system.kill_collector()
            system.start_collector()
            time.sleep(3)
            killed_ns = time.time_ns()
            sensor.kill()
            sensor.wait()
            sensor = live_wire.start_sensor(system, "s1")
            up_ns = time.time_ns()
            output = sender.communicate()[0]
            report.equal(sender.returncode, 0, "exit code of the sender")
            time.sleep(1)
            sensor.terminate()
            report.equal(sensor.wait(timeout=20), 0, "exit code of the sensor")
            sent = {(int(ssrc), int(sequence)): int(time_ns) for time_ns, ssrc, sequence
                    in map(str.split, output.splitlines())}
            check(report, system, sent, killed_ns, up_ns, want_audio)
    report.finish()


if sys.argv[1:2] == ["--send"]:
    send(sys.argv[2])
else:
    main()
