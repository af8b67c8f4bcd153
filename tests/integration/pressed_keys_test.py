"""Keys pressed in a call (DTMF) that not everybody may learn: as telephone-events, as tones in the
audio, in INFO. What an export without them still tells is looked for by tshark and by a Fourier
transform of its G.711.
"""

import base64
import json
import math
import struct
import subprocess
import wave

import access_system
import harness
import inband
import span_captures as span
from span_captures import MS, SECOND

EVENT_KEY, TONE_KEY, INFO_KEY = "4", "7", "2"
EVENT_TYPE = 101
CONFIG = """
access:
  pressed_keys_from: operator
  clients:
    - {name: callbraid-client, role: admin}
    - {name: ann, role: viewer}
    - {name: olga, role: operator}
"""


def alaw(sample):
    """G.711, by its definition."""
    sign, sample = (0x80, sample) if sample >= 0 else (0, -sample - 1)
    exponent = max(0, sample.bit_length() - 8)
    mantissa = (sample >> (exponent + 3 if exponent else 4)) & 0x0f
    return (sign | exponent << 4 | mantissa) ^ 0x55


def tone(key, first, count):
    row = next(row for row, keys in enumerate(inband.KEYS) if key in keys)
    pair = inband.ROWS[row], inband.COLUMNS[inband.KEYS[row].index(key)]
    return bytes(alaw(int(sum(6000 * math.sin(2 * math.pi * hz * n / 8000) for hz in pair)))
                 for n in range(first, first + count))


class KeyCall(span.Call):
    """Alice presses three keys, a second apart, in three ways."""

    def keys(self):
        begin = self.answer_ns + SECOND
        for number in range(100):
            payload, kind, timestamp = bytes([0xd5]) * 160, 8, number * 160
            if 10 <= number < 20:
                duration = (number - 9) * 160
                kind, timestamp = EVENT_TYPE, 1600
                flags = 0x8a if number > 16 else 0x0a
                payload = struct.pack(">BBH", int(EVENT_KEY), flags, duration)
            elif 60 <= number < 70:
                payload = tone(TONE_KEY, number * 160, 160)
            rtp = struct.pack(">BBHII", 0x80, kind, 1000 + number, timestamp,
                              self.ssrc[self.caller]) + payload
            self.capture.udp(begin + number * 20 * MS, self.caller, self.caller.rtp_port,
                             self.callee, self.callee.rtp_port, rtp)
        body = f"Signal={INFO_KEY}\r\nDuration=160\r\n"
        text = "\r\n".join([
            f"INFO sip:{self.callee.number}@{self.callee.address} SIP/2.0",
            f"Via: SIP/2.0/UDP {self.caller.address};branch=z9hG4bKkey",
            f"From: <sip:{self.caller.number}@{self.pbx.address}>;tag={self.name}a",
            f"To: <sip:{self.callee.number}@{self.pbx.address}>;tag={self.name}b",
            f"Call-ID: {self.name}", "CSeq: 7 INFO", "Content-Type: application/dtmf-relay",
            f"Content-Length: {len(body)}", "", body])
        self.capture.udp(self.answer_ns + 4 * SECOND, self.caller, 5060, self.pbx, 5060,
                         text.encode())
        return self


class Site(harness.System):
    def __init__(self, bin_dir):
        super().__init__(bin_dir, tls=True)
        (self.dir / "collector.yaml").write_text(CONFIG)
        self.collector_flags += ["--config", self.dir / "collector.yaml"]
        self.collector_flags.remove("--admin")
        self.collector_flags.remove("callbraid-client")

    def run_as(self, name, *command):
        certs = self.dir / "certs"
        return access_system.run(
            self.bin / "callbraid", "--collector", self.address, "--tls-ca", certs / "ca.pem",
            "--tls-cert", certs / f"{name}.pem", "--tls-key", certs / f"{name}.key", *command)


def tshark(path, *options):
    return subprocess.run(
        ["tshark", "-r", path, "-d", "udp.port==4000,rtp", "-d", f"rtp.pt=={EVENT_TYPE},rtpevent",
         *options], capture_output=True, text=True).stdout


def told_by_packets(path, folder):
    """The keys that a file of packets tells: (events, tones, INFO)."""
    events = set(tshark(path, "-Y", "rtpevent", "-T", "fields", "-e", "rtpevent.event_id").split())
    payloads = tshark(path, "-Y", "rtp.p_type == 8 && ip.src == 10.0.0.101", "-T", "fields", "-e",
                      "rtp.payload").replace(":", "").split()
    # Of what is left out it says so, in brackets.
    payloads = [payload for payload in payloads if not payload.startswith("<")]
    (folder / "payload.al").write_bytes(bytes.fromhex("".join(payloads)))
    subprocess.run(["sox", "-t", "raw", "-e", "a-law", "-b", "8", "-r", "8000", "-c", "1",
                    folder / "payload.al", "-e", "signed", "-b", "16", folder / "payload.wav"],
                   check=True)
    tones = {key for key, _ in inband.keys_in(8000, samples(folder / "payload.wav")[0])}
    return events, tones, f"Signal={INFO_KEY}" in path.read_bytes().decode("latin1")


def samples(path):
    import numpy
    with wave.open(str(path)) as file:
        data = numpy.frombuffer(file.readframes(file.getnframes()), dtype="<i2")
        return [data[side::file.getnchannels()] for side in range(file.getnchannels())]


def all_told(system, name, call, *options):
    """What `name` gets by an export of packets, a recording, the ladder and the timeline."""
    path = system.dir / f"{name}.pcapng"
    path.unlink(missing_ok=True)
    system.run_as(name, "calls", "packets", call, *options, "-o", path)
    told = {"packets": told_by_packets(path, system.dir)}
    told["frames"] = len(tshark(path).splitlines())
    if options:
        return told
    sound = system.dir / f"{name}.wav"
    sound.unlink(missing_ok=True)
    system.run_as(name, "calls", "audio", call, "-o", sound)
    told["audio"] = {key for key, _ in inband.keys_in(8000, samples(sound)[0])}
    messages = [base64.b64decode(json.loads(line)["message"]).decode() for line in system.run_as(
        name, "calls", "ladder", call, "--json").stdout.splitlines()]
    told["ladder"] = any(f"Signal={INFO_KEY}" in message for message in messages)
    timeline = system.run_as(name, "calls", "timeline", call, "--digits")
    told["timeline"] = timeline.returncode, timeline.stderr
    return told


def main():
    options = harness.arguments()
    report = harness.Report()
    with Site(options.bin) as system:
        access_system.make_certs(system.dir / "certs", "user:ann", "user:olga")
        capture = span.Capture()
        KeyCall(capture, "keys", span.A, span.B).signalling().keys()
        system.replay({"s1": [capture.write(system.dir / "keys.pcap")]})
        (call,) = system.calls()

        whole = all_told(system, "olga", call["id"])
        report.equal(whole["packets"], ({EVENT_KEY}, {TONE_KEY}, True), "packets of an operator")
        report.equal((whole["audio"], whole["ladder"]), ({TONE_KEY}, True), "sound and messages")
        report.equal(whole["timeline"], (0, ""), "timeline of an operator")
        asked = all_told(system, "olga", call["id"], "--mask-keys")
        report.equal(asked["packets"], (set(), set(), False), "packets with --mask-keys")

        masked = all_told(system, "ann", call["id"])
        report.equal(masked["packets"], (set(), set(), False), "packets of a viewer")
        report.equal((masked["audio"], masked["ladder"]), (set(), False), "sound and messages")
        status, why = masked["timeline"]
        report.expect(status != 0 and "pressed_keys_from" in why, f"timeline of a viewer: {why}")
        for told in (asked, masked):
            report.equal(told["frames"], whole["frames"], "every packet is there, with its header")
    report.finish()


main()
