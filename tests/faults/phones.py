#!/usr/bin/env python3
"""Phones that talk on an interface, in real time: calls of G.711 in both directions.

    phones.py INTERFACE CALLS [SECONDS]

Prints "started" when all calls are answered, and goes on until the standard input
ends; then hangs up and prints how many packets of RTP each stream had: SSRC COUNT.
With SECONDS a call ends after that time, and another begins in its place.
Every payload is another, so that none is taken for a copy.
"""

import os
import random
import socket
import struct
import sys
import time

PACKET_NS = 20_000_000
PAYLOAD = 160
NOISE = random.Random(0).randbytes(1 << 20)


def ip(n, side):
    return f"10.{8 + side}.{n >> 8}.{n & 255}"


def frame(source, destination, ports, payload):
    udp = struct.pack(">HHHH", *ports, 8 + len(payload), 0) + payload
    header = struct.pack(">BBHHHBBH4s4s", 0x45, 0, 20 + len(udp), 0, 0, 64, 17, 0,
                         socket.inet_aton(source), socket.inet_aton(destination))
    total = sum(struct.unpack(">10H", header))
    total = (total & 0xffff) + (total >> 16)
    header = header[:10] + struct.pack(">H", ~(total + (total >> 16)) & 0xffff) + header[12:]
    return b"\x02\0\0\0\0\1\x02\0\0\0\0\2\x08\0" + header + udp


class Call:
    def __init__(self, number, name=os.getpid()):
        self.number = number
        self.name = name
        self.caller, self.callee = ip(number + 1, 0), ip(number + 1, 1)
        self.ssrcs = [0x10000000 + 2 * number, 0x10000001 + 2 * number]
        self.heads = [frame(*way, (20000, 20000), b"\0" * (12 + PAYLOAD))[:42]
                      for way in ((self.caller, self.callee), (self.callee, self.caller))]
        self.sent = 0

    def sip(self, first, cseq, body="", to_tag=";tag=b", up=True):
        text = (f"{first}\r\nVia: SIP/2.0/UDP {self.caller}:5060;branch=z9hG4bK{self.number}-{cseq}\r\n"
                f"From: <sip:{1000 + self.number}@example.org>;tag=a\r\n"
                f"To: <sip:{5000 + self.number}@example.org>{to_tag}\r\n"
                f"Call-ID: {self.name}-{self.number}\r\nCSeq: {cseq}\r\n"
                f"Contact: <sip:x@{self.caller if up else self.callee}:5060>\r\n"
                + ("Content-Type: application/sdp\r\n" if body else "")
                + f"Content-Length: {len(body)}\r\n\r\n{body}").encode()
        way = (self.caller, self.callee) if up else (self.callee, self.caller)
        return frame(*way, (5060, 5060), text)

    def sdp(self, host):
        return (f"v=0\r\no=- {self.number} 1 IN IP4 {host}\r\ns=-\r\nc=IN IP4 {host}\r\nt=0 0\r\n"
                "m=audio 20000 RTP/AVP 0\r\na=rtpmap:0 PCMU/8000\r\n")

    def begin(self):
        to = f"sip:{5000 + self.number}@example.org"
        yield self.sip(f"INVITE {to} SIP/2.0", "1 INVITE", self.sdp(self.caller), to_tag="")
        yield self.sip("SIP/2.0 200 OK", "1 INVITE", self.sdp(self.callee), up=False)
        yield self.sip(f"ACK {to} SIP/2.0", "1 ACK")

    def end(self):
        yield self.sip(f"BYE sip:{5000 + self.number}@example.org SIP/2.0", "2 BYE")
        yield self.sip("SIP/2.0 200 OK", "2 BYE", up=False)

    def talk(self):
        n = self.sent
        for side, head in enumerate(self.heads):
            at = (n * 7919 + self.number * 104729 + side * 15485863) % (len(NOISE) - PAYLOAD)
            rtp = struct.pack(">BBHII", 0x80, 0, n & 0xffff, n * PAYLOAD & 0xffffffff, self.ssrcs[side])
            yield head + rtp + struct.pack(">II", n, self.ssrcs[side]) + NOISE[at:at + PAYLOAD - 8]
        self.sent += 1


def main():
    wire = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
    wire.bind((sys.argv[1], 0))
    count = int(sys.argv[2])
    packets = int(float(sys.argv[3]) * 1e9 / PACKET_NS) if len(sys.argv) > 3 else None

    def send(frames):
        for each in frames:
            wire.send(each)
    calls = [Call(number) for number in range(count)]
    for call in calls:
        send(call.begin())
    print("started", flush=True)
    os.set_blocking(0, False)
    due_ns = time.monotonic_ns()
    late_ns = tick = 0
    over = []
    while not ended():
        due_ns += PACKET_NS
        wait_ns = due_ns - time.monotonic_ns()
        late_ns = max(late_ns, -wait_ns)
        time.sleep(max(0, wait_ns) / 1e9)
        for call in calls:
            send(call.talk())
        tick += 1
        if not packets:
            continue
        # One after the other, so that there is always one that begins.
        for slot in range(tick * count // packets, (tick + 1) * count // packets):
            call = calls[slot % count]
            send(call.end())
            over.append(call)
            calls[slot % count] = Call(len(over) + count - 1)
            send(calls[slot % count].begin())
    for call in calls:
        send(call.end())
    for call in over + calls:
        for ssrc in call.ssrcs:
            print(ssrc, call.sent)
    print(f"at most {late_ns / 1e6:.0f} ms late", file=sys.stderr)


def ended():
    try:
        return os.read(0, 1) == b""
    except BlockingIOError:
        return False


if __name__ == "__main__":
    main()
