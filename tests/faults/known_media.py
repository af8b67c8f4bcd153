"""Calls whose every packet is known, as captures; and the packets that were kept."""

import struct

import pcap
import phones

START_NS = 1_790_000_000_000_000_000
FAR_NS = 1_000_000  # How much later the other switch sees a packet.


def captures(folder, calls=5, seconds=10):
    """{sensor: [file]} of two switches that both see all of some calls."""
    packets = []
    for number in range(calls):
        call = phones.Call(number, "known")
        begin_ns = START_NS + number * 130_000_000
        for at, message in enumerate(call.begin()):
            packets.append((begin_ns + at * 20_000_000, message))
        for n in range(seconds * 50):
            for message in call.talk():
                packets.append((begin_ns + 80_000_000 + n * phones.PACKET_NS, message))
        for at, message in enumerate(call.end()):
            packets.append((begin_ns + 100_000_000 + seconds * pcap.NS + at * 20_000_000, message))
    packets.sort(key=lambda packet: packet[0])
    return {sensor: [write(folder / f"{sensor}.pcap", packets, later_ns)]
            for sensor, later_ns in (("s1", 0), ("s2", FAR_NS))}


def write(path, packets, later_ns=0):
    with open(path, "wb") as file:
        file.write(struct.pack("<IHHiIII", 0xa1b23c4d, 2, 4, 0, 0, 262144, 1))
        for time_ns, frame in packets:
            time_ns += later_ns
            file.write(struct.pack("<IIII", time_ns // pcap.NS, time_ns % pcap.NS,
                                   len(frame), len(frame)))
            file.write(frame)
    return path


def packets(path):
    """(capture point, time, bytes) of each packet of a pcapng file of one section."""
    data = path.read_bytes()
    order = ">" if data[8:12] == b"\x1a\x2b\x3c\x4d" else "<"
    names = []
    at = 0
    while at < len(data):
        kind, size = struct.unpack_from(order + "II", data, at)
        if kind == 1:  # Interface description; the name is its first option.
            length = struct.unpack_from(order + "H", data, at + 18)[0]
            names.append(data[at + 20:at + 20 + length].decode())
        if kind == 6:  # Enhanced packet block.
            interface, high, low, captured = struct.unpack_from(order + "IIII", data, at + 8)
            yield names[interface], high << 32 | low, data[at + 28:at + 28 + captured]
        at += size


def ssrc(frame):
    """Of RTP; None if it is SIP."""
    return None if frame[36:38] == b"\x13\xc4" else struct.unpack_from(">I", frame, 50)[0]
