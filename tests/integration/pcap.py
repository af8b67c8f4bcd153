"""Captures as lists of packets, to be changed and written again.

Classic pcap of any byte order and either resolution, as the lab's captures are;
only what the tests need.
"""

import pathlib
import struct

NS = 1_000_000_000


class Pcap:
    """`packets`: [(time in ns, bytes on the wire, captured bytes)]."""

    def __init__(self, path):
        data = pathlib.Path(path).read_bytes()
        magic = data[:4]
        self.order, self.unit = {b"\xd4\xc3\xb2\xa1": ("<", 1000),
                                 b"\xa1\xb2\xc3\xd4": (">", 1000),
                                 b"\x4d\x3c\xb2\xa1": ("<", 1),
                                 b"\xa1\xb2\x3c\x4d": (">", 1)}[magic]
        self.link = struct.unpack(self.order + "I", data[20:24])[0]
        self.packets = []
        at = 24
        while at + 16 <= len(data):
            seconds, part, size, wire = struct.unpack(self.order + "IIII", data[at:at + 16])
            at += 16
            self.packets.append((seconds * NS + part * self.unit, wire, data[at:at + size]))
            at += size

    def write(self, path):
        """With nanoseconds, in the order of the list: a clock may go back."""
        with open(path, "wb") as file:
            file.write(struct.pack("<IHHiIII", 0xa1b23c4d, 2, 4, 0, 0, 262144, self.link))
            for time_ns, wire, data in self.packets:
                file.write(struct.pack("<IIII", time_ns // NS, time_ns % NS, len(data), wire))
                file.write(data)
        return path

    def start_ns(self):
        return self.packets[0][0]

    def retimed(self, clock):
        """As a sensor would have captured it whose clock shows clock(true time)."""
        self.packets = [(clock(time_ns), wire, data) for time_ns, wire, data in self.packets]
        return self

    def without(self, drop):
        """Less the packets for which drop(index, bytes) is true."""
        self.packets = [packet for index, packet in enumerate(self.packets)
                        if not drop(index, packet[2])]
        return self


def udp(data):
    """(source, source port, destination, destination port, payload) of Ethernet, IPv4, UDP."""
    at = 12
    while data[at:at + 2] in (b"\x81\x00", b"\x88\xa8"):
        at += 4
    if data[at:at + 2] != b"\x08\x00":
        return None
    at += 2
    if data[at] >> 4 != 4 or data[at + 9] != 17:
        return None
    header = (data[at] & 15) * 4
    source, destination = (".".join(map(str, data[at + i:at + i + 4])) for i in (12, 16))
    at += header
    source_port, destination_port = struct.unpack(">HH", data[at:at + 4])
    return source, source_port, destination, destination_port, data[at + 8:]


def rtp(data):
    """(SSRC, sequence) if the packet is RTP, as the lab's phones send it."""
    parts = udp(data)
    if parts is None or parts[1] < 10000 or parts[3] < 10000:
        return None
    payload = parts[4]
    if len(payload) < 12 or payload[0] >> 6 != 2 or 192 <= payload[1] <= 223:
        return None
    return struct.unpack(">I", payload[8:12])[0], struct.unpack(">H", payload[2:4])[0]
