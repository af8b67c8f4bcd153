#!/usr/bin/env python3
"""A bad cable: forwards frames between two interfaces, and harms RTP.

    wire.py WEST EAST CSV [--seed N] [--loss P] [--bursts P] [--duplicates P]
            [--delay MS] [--jitter MS] [--late P]

What happens to a packet depends on nothing but the seed, its SSRC and its
sequence number, so two runs harm the same packets. Everything that is not RTP
(ports 16384 to 17383, the phones') passes at once.

CSV gets a line a packet: direction, SSRC, sequence, time in ns, fate (lost, once
or twice), delay in us.
"""

import argparse
import hashlib
import heapq
import itertools
import select
import signal
import socket
import struct
import sys
import time

BURST = 4  # Packets that a burst takes.
# A copy comes later than what a sensor takes for its mirror's work (2 ms).
COPY_NS = 5 * 10**6
LATE_NS = 50 * 10**6  # Two packets of 20 ms overtake it.


def rtp_of(frame):
    """SSRC and sequence number, or None."""
    at = 18 if frame[12:14] == b"\x81\x00" else 14
    if frame[at - 2 : at] != b"\x08\x00" or frame[at + 9] != 17:
        return None
    udp = at + 4 * (frame[at] & 15)
    source, destination = struct.unpack_from(">HH", frame, udp)
    data = frame[udp + 8 :]
    if not all(16384 <= port <= 17383 for port in (source, destination)):
        return None
    if len(data) < 12 or data[0] >> 6 != 2 or 192 <= data[1] <= 223:
        return None
    return struct.unpack_from(">I", data, 8)[0], struct.unpack_from(">H", data, 2)[0]


class Fate:
    def __init__(self, options):
        self.options = options

    def _chance(self, *key):
        text = repr((self.options.seed, *key)).encode()
        return int.from_bytes(hashlib.blake2b(text, digest_size=8).digest()) / 2**64

    def of(self, ssrc, sequence):
        """How many copies arrive, and the delay of the first in ns."""
        options = self.options
        if self._chance("loss", ssrc, sequence) < options.loss:
            return 0, 0
        if self._chance("burst", ssrc, sequence // BURST) < options.bursts / BURST:
            return 0, 0
        delay = options.delay + options.jitter * self._chance("jitter", ssrc, sequence)
        delay_ns = int(delay * 1e6)
        if self._chance("late", ssrc, sequence) < options.late:
            delay_ns += LATE_NS
        twice = self._chance("twice", ssrc, sequence) < options.duplicates
        return 1 + twice, delay_ns


class Wire:
    def __init__(self, west, east, csv, fate):
        self.ends = [self._open(name) for name in (west, east)]
        self.csv, self.fate = csv, fate
        self.waiting = []  # Heap of (when, tie-break, copies, end, frame).
        self.number = itertools.count()

    @staticmethod
    def _open(name):
        end = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
        end.bind((name, 3))
        end.setblocking(False)
        return end

    def run(self):
        while True:
            wait = None
            if self.waiting:
                wait = max(0, (self.waiting[0][0] - time.monotonic_ns()) / 1e9)
            for end in select.select(self.ends, [], [], wait)[0]:
                self._receive(end)
            while self.waiting and self.waiting[0][0] <= time.monotonic_ns():
                *_, copies, end, frame = heapq.heappop(self.waiting)
                end.send(frame)
                # From now, or a busy machine would send both at once.
                if copies > 1:
                    self._send_in(COPY_NS, copies - 1, end, frame)

    def _send_in(self, delay_ns, copies, end, frame):
        when = time.monotonic_ns() + delay_ns
        heapq.heappush(self.waiting, (when, next(self.number), copies, end, frame))

    def _receive(self, end):
        frame, address = end.recvfrom(65536)
        if address[2] == socket.PACKET_OUTGOING:
            return
        direction = self.ends.index(end)
        other = self.ends[1 - direction]
        rtp = rtp_of(frame)
        if rtp is None:
            other.send(frame)
            return
        copies, delay_ns = self.fate.of(*rtp)
        fate = ("lost", "once", "twice")[copies]
        print(("east", "west")[direction], *rtp, time.time_ns(), fate, delay_ns // 1000,
              sep=",", file=self.csv)
        if copies > 0:
            self._send_in(delay_ns, copies, other, frame)


def main():
    parser = argparse.ArgumentParser()
    for name in ("west", "east", "csv"):
        parser.add_argument(name)
    parser.add_argument("--seed", type=int, default=1)
    for name in ("loss", "bursts", "duplicates", "delay", "jitter", "late"):
        parser.add_argument(f"--{name}", type=float, default=0.0)
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())
    with open(options.csv, "w", buffering=1) as csv:
        print("direction,ssrc,sequence,time_ns,fate,delay_us", file=csv)
        print("ready", flush=True)
        Wire(options.west, options.east, csv, Fate(options)).run()


if __name__ == "__main__":
    main()
