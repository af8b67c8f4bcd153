"""Calls that are sent while somebody listens to them: a cable in a network namespace of its own,
a sensor at its other end, and a collector with a web server."""

import base64
import json
import os
import socket
import struct
import subprocess
import sys
import threading
import time

import harness
import span_captures as span

INSIDE = "CALLBRAID_TEST_NAMESPACE"
PACKET_MS = 20
# What a talker sends of G.711 (A-law) that is nothing, and of a square wave of 500 Hz.
NOTHING = bytes([0xd5]) * 160
TONE = (bytes([0xaa]) * 8 + bytes([0x2a]) * 8) * 10


def run(*command):
    subprocess.run(command, check=True, capture_output=True, text=True)


def enter_namespace():
    """Starts this test again inside a new namespace, which goes away with it."""
    if os.geteuid() != 0:
        harness.skip("capturing in a network namespace needs root")
    name = f"listen-{os.getpid()}"
    try:
        run("ip", "netns", "add", name)
    except (OSError, subprocess.CalledProcessError) as error:
        harness.skip(f"no network namespace: {error}")
    try:
        return subprocess.run(["ip", "netns", "exec", name, sys.executable, *sys.argv],
                              env={**os.environ, INSIDE: name}).returncode
    finally:
        subprocess.run(["ip", "netns", "del", name])


def lay_cable():
    run("ip", "link", "add", "wire0", "type", "veth", "peer", "name", "span0")
    for interface in ("lo", "wire0", "span0"):
        run("ip", "link", "set", interface, "up")


class ListenSystem(harness.System):
    def __init__(self, bin_dir):
        super().__init__(bin_dir, tls=True)
        (self.dir / "ui").mkdir()
        (self.dir / "ui/index.html").write_text("<!doctype html>")
        self.collector_flags += ["--web-listen", "127.0.0.1:0", "--ui", self.dir / "ui"]
        self.url = None

    def start_collector(self):
        super().start_collector()
        self.url = self.collector.stdout.readline().split("web on ")[1].strip()

    def token(self, name, *flags):
        made = json.loads(self.cli("tokens", "create", name, *flags, "--json").stdout)
        return made["token"]["id"], made["secret"]

    def find_call(self, caller, timeout=10, **fields):
        """The call in progress from `caller`, once it is known and is so."""
        deadline = time.monotonic() + timeout
        while time.monotonic() < deadline:
            for call in self.list_calls():
                if call["caller"] == caller and all(call.get(key) == value for key, value in fields.items()):
                    return call["id"]
            time.sleep(0.1)
        raise RuntimeError(f"no call from {caller}: {self.list_calls()}")


class Talk(span.Call):
    """A call whose parties say what `said(n)` gives for their packet n; None: nothing is sent."""

    def __init__(self, name, caller, callee, seconds, payload_type=8):
        super().__init__(span.Capture(), name, caller, callee, seconds=seconds)
        self.payload_type = payload_type
        self.signalling()
        if payload_type == 9:
            for entry in self.capture.frames:
                entry[1] = entry[1].replace(b"RTP/AVP 8\r\na=rtpmap:8 PCMA", b"RTP/AVP 9\r\na=rtpmap:9 G722")

    def speak(self, source, said, ssrc=None, first_ms=0):
        """From `first_ms` after the answer on."""
        destination = self.callee if source is self.caller else self.caller
        packets = (self.end_ns - self.answer_ns) // (PACKET_MS * span.MS)
        for n in range(first_ms // PACKET_MS, packets):
            payload = said(n)
            if payload is None:
                continue
            rtp = struct.pack(">BBHII", 0x80, self.payload_type, (1000 + n) & 0xffff, n * 160,
                              ssrc or self.ssrc[source]) + payload
            self.capture.udp(self.answer_ns + (n + 1) * PACKET_MS * span.MS, source, source.rtp_port,
                             destination, destination.rtp_port, rtp)
        return self


class Wire:
    """Sends the frames of a call when they are due, and remembers when that was."""

    def __init__(self):
        self.socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
        self.socket.bind(("wire0", 0))
        self.sent = {}

    def start(self, talk):
        thread = threading.Thread(target=self.send, args=(talk,), daemon=True)
        thread.start()
        return thread

    def send(self, talk):
        frames = sorted(talk.capture.frames, key=lambda entry: entry[0])
        start = time.monotonic()
        for time_ns, frame, _ in frames:
            time.sleep(max(0, start + (time_ns - frames[0][0]) / 1e9 - time.monotonic()))
            self.socket.send(frame)
            self.sent[(talk.name, time_ns)] = time.time()

    def said_at(self, talk, n):
        """Wall clock at which packet n of a party began to be said: it is sent when it is whole."""
        return self.sent[(talk.name, talk.answer_ns + (n + 1) * PACKET_MS * span.MS)] - PACKET_MS / 1000


class Listener:
    """`callbraid calls listen --json`, with the time at which each piece came."""

    def __init__(self, system, call, *flags, token=None):
        identity = system.security("client")
        if token:
            (system.dir / "token").write_text(token + "\n")
            identity = ["--tls-ca", system.dir / "certs/ca.pem", "--token-file", system.dir / "token"]
        self.process = subprocess.Popen(
            [str(word) for word in (system.bin / "callbraid", "--collector", system.address, *identity,
                                    "calls", "listen", call, "--json", *flags)],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.pieces = []  # (wall clock, message)
        self.thread = threading.Thread(target=self.read, daemon=True)
        self.thread.start()

    def read(self):
        for line in self.process.stdout:
            self.pieces.append((time.time(), json.loads(line)))

    def wait(self, timeout=30):
        """(exit code, what it said)"""
        code = self.process.wait(timeout=timeout)
        self.thread.join(timeout)
        return code, self.process.stderr.read()

    @property
    def rate(self):
        return self.pieces[0][1]["sampleRate"]

    def channels(self):
        import numpy
        samples = numpy.frombuffer(b"".join(base64.b64decode(piece["samples"]) for _, piece in self.pieces), "<i2")
        return [samples[0::2], samples[1::2]]

    def came_at(self, channel, least):
        """When the first sample of a channel that is louder than `least` came."""
        import numpy
        for when, piece in self.pieces:
            samples = numpy.frombuffer(base64.b64decode(piece["samples"]), "<i2")[channel::2]
            if (abs(samples.astype(int)) > least).any():
                return when
        return None
