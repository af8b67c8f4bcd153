"""Captures of Ethernet put into tunnels, other link types and other files than wrap.py has.

The tunnels are those of tests/fakes/tunnels.h. A WRAP takes the frames of one capture and writes
them; what has room for IP alone leaves out what is none (ARP).
"""

import re
import struct

from span_captures import checksum

IPV4, IPV6 = 0x0800, 0x86dd
NS = 1_000_000_000

OUTER_MACS = bytes.fromhex("020909090909020808080808")
OUTER4 = bytes([10, 9, 9, 1]), bytes([10, 9, 9, 2])
OUTER6 = b"\x20\x01\x0d\xb8" + bytes(11) + b"\x91", b"\x20\x01\x0d\xb8" + bytes(11) + b"\x92"


class Inside:
    """A frame that is to be wrapped, the number of it, and the IP packet in it."""

    def __init__(self, frame, number):
        self.frame = frame
        self.number = number
        at = 12
        while frame[at:at + 2] in (b"\x81\x00", b"\x88\xa8"):
            at += 4
        self.type, = struct.unpack(">H", frame[at:at + 2])
        self.ip = frame[at + 2:]
        if self.type == IPV4:  # Without what fills the frame up.
            self.ip = self.ip[:struct.unpack(">H", self.ip[2:4])[0]]
        elif self.type == IPV6:
            self.ip = self.ip[:40 + struct.unpack(">H", self.ip[4:6])[0]]
        self.is_ip = self.type in (IPV4, IPV6)
        self.ppp = b"\x00\x21" if self.type == IPV4 else b"\x00\x57"
        self.ethertype = struct.pack(">H", self.type)


def link(ether_type, inside):
    return OUTER_MACS + struct.pack(">H", ether_type) + inside


def ip4(protocol, inside, number=0, addresses=OUTER4):
    header = struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(inside), number & 0xffff, 0, 64, protocol,
                         0) + b"".join(addresses)
    return header[:10] + struct.pack(">H", 0xffff - checksum(header)) + header[12:] + inside


def ip6(protocol, inside, addresses=OUTER6):
    return struct.pack(">IHBB", 6 << 28, len(inside), protocol, 64) + b"".join(addresses) + inside


def in4(protocol, header, inside, f):
    return link(IPV4, ip4(protocol, header + inside, f.number))


def in6(protocol, header, inside):
    return link(IPV6, ip6(protocol, header + inside))


def in_udp(port, header, inside, f):
    size = 8 + len(header) + len(inside)
    return in4(17, struct.pack(">HHHH", 50000, port, size, 0) + header, inside, f)


def ip_in_ip(f):
    return 4 if f.type == IPV4 else 41


def words(*numbers):
    return b"".join(struct.pack(">I", number) for number in numbers)


def wireless(f):
    """From an access point to a station, with a class (QoS)."""
    return (b"\x88\x02\0\0" + f.frame[:6] + OUTER_MACS[:6] + f.frame[6:12] + b"\0\0" + b"\x05\0"
            + b"\xaa\xaa\x03\0\0\0" + f.ethertype + f.ip)


def cooked(f):
    return b"\0\0\0\1\0\6" + f.frame[6:12] + b"\0\0" + f.ethertype + f.ip


def loopback(order):
    """AF_INET, and AF_INET6 as FreeBSD and macOS number it."""
    return lambda f: struct.pack(order + "I", 2 if f.type == IPV4 else 28 if order == "<" else 30) + f.ip


# {name: (kind of the tunnel, what is made of a frame)}. With IP inside.
OF_PACKETS = {
    "VN-Tag": ("VN_TAG", lambda f: link(0x8926, b"\x80\1\0\2" + f.ethertype + f.ip)),
    "E-Tag": ("VN_TAG", lambda f: link(0x893f, b"\0\1\0\2\0\0" + f.ethertype + f.ip)),
    "MPLS": ("MPLS", lambda f: link(0x8847, words(0x00010040, 0x00020140) + f.ip)),
    "PPPoE": ("PPPOE", lambda f: link(
        0x8864, b"\x11\0\0\1" + struct.pack(">H", 2 + len(f.ip)) + f.ppp + f.ip)),
    "IP-in-IP": ("IP_IN_IP", lambda f: in4(ip_in_ip(f), b"", f.ip, f)),
    "IP-in-IPv6": ("IP_IN_IP", lambda f: in6(ip_in_ip(f), b"", f.ip)),
    "GRE": ("GRE", lambda f: in4(47, b"\0\0" + f.ethertype, f.ip, f)),
    "GRE-numbered": ("GRE", lambda f: in4(
        47, b"\xb0\0" + f.ethertype + words(0x01020000, 3, f.number), f.ip, f)),
    "ERSPAN-III-IP": ("ERSPAN", lambda f: in4(
        47, b"\x10\0\x22\xeb" + words(f.number, 0x20011807, 0, 0x00000800), f.ip, f)),
    "VXLAN-GPE-IP": ("VXLAN", lambda f: in_udp(
        4790, words(0x0c000001 if f.type == IPV4 else 0x0c000002, 42 << 8), f.ip, f)),
    "Geneve-IP": ("GENEVE", lambda f: in_udp(
        6081, b"\0\0" + f.ethertype + words(42 << 8), f.ip, f)),
    "GTP-U": ("GTP_U", lambda f: in_udp(
        2152, b"\x30\xff" + struct.pack(">H", len(f.ip)) + words(1), f.ip, f)),
    "GTP-U-extended": ("GTP_U", lambda f: in_udp(
        2152, b"\x34\xff" + struct.pack(">H", 8 + len(f.ip)) + words(1, 0x85, 0x01100900), f.ip, f)),
    "L2TPv2": ("L2TP", lambda f: in_udp(
        1701, struct.pack(">HHHHHHHH", 0x4a02, 20 + len(f.ip), 1, 2, f.number & 0xffff, 4, 2, 0)
        + b"\xff\3" + f.ppp, f.ip, f)),
}

# With Ethernet inside.
OF_FRAMES = {
    "PBB": ("PBB", lambda f: link(0x88e7, words(1) + f.frame)),
    "pseudowire": ("MPLS", lambda f: link(0x8847, words(0x00010140) + f.frame)),
    "pseudowire-numbered": ("MPLS", lambda f: link(
        0x8847, words(0x00010140, f.number & 0xffff) + f.frame)),
    "NVGRE-in-IPv6": ("NVGRE", lambda f: in6(47, b"\x20\0\x65\x58" + words(3), f.frame)),
    "ERSPAN-III-Nexus": ("ERSPAN", lambda f: in4(
        47, b"\x10\0\x22\xeb" + words(f.number, 0x20011807, 0, 0x00001e00, 0, 0), f.frame, f)),
    "L2TPv3": ("L2TP", lambda f: in4(115, words(1), f.frame, f)),
    "L2TPv3-cookie": ("L2TP", lambda f: in4(
        115, words(1) + b"\xcc" * 8 + words(0), f.frame, f)),
    "L2TPv3-in-UDP": ("L2TP", lambda f: in_udp(
        1701, words(0x00030000, 1, 0x01020304), f.frame, f)),
    "VXLAN-8472": ("VXLAN", lambda f: in_udp(8472, words(0x08000000, 42 << 8), f.frame, f)),
    "VXLAN-GPE": ("VXLAN", lambda f: in_udp(4790, words(0x0c000003, 42 << 8), f.frame, f)),
    "Geneve": ("GENEVE", lambda f: in_udp(
        6081, b"\2\x40\x65\x58" + words(42 << 8, 0, 0), f.frame, f)),
    "TZSP": ("TZSP", lambda f: in_udp(37008, b"\1\0\0\1\0\x29\2\0\x3c\1", f.frame, f)),
}

# {name: (link type of the file, what is made of a frame)}
LINK_TYPES = {
    "link-SLL": (113, cooked),
    "link-SLL2": (276, lambda f: f.ethertype + b"\0\0\0\0\0\3\0\1\0\6" + f.frame[6:12] + b"\0\0" + f.ip),
    "link-802.11": (105, wireless),
    "link-radiotap": (127, lambda f: b"\0\0\x0c\0\4\0\0\0\x02\0\0\0" + wireless(f)),
    "link-PPP": (9, lambda f: b"\xff\3" + f.ppp + f.ip),
    "link-PPP-compressed": (50, lambda f: f.ppp[1:] + f.ip),
    "link-PPPoE": (51, lambda f: b"\x11\0\0\1" + struct.pack(">H", 2 + len(f.ip)) + f.ppp + f.ip),
    "link-HDLC": (104, lambda f: b"\x0f\0" + f.ethertype + f.ip),
    "link-MPLS": (219, lambda f: words(0x00010140) + f.ip),
    "link-NULL": (0, loopback("<")),
    "link-NULL-big": (0, loopback(">")),
    "link-LOOP": (108, loopback(">")),
    "link-raw": (101, lambda f: f.ip),
}
# Which are tunnels as well.
KINDS = {"link-PPPoE": "PPPOE", "link-MPLS": "MPLS"}


def nested(f):
    """A switch's ERSPAN in VXLAN, over a line of MPLS; and tags inside."""
    tagged = f.frame[:12] + b"\x88\xa8\0\5\x81\0\0\6" + f.frame[12:]
    erspan = in4(47, b"\x10\0\x88\xbe" + words(f.number, 0x10011807, 7), tagged, f)
    vxlan = in_udp(4789, words(0x08000000, 42 << 8), erspan, f)
    return link(0x8847, words(0x00010140) + vxlan[14:])


class Wrap:
    """`kind`: of the outermost tunnel, "" for none. `only_ip`: it carries nothing else."""

    def __init__(self, name, make=lambda f: f.frame, kind="", link_type=1, write=None, only_ip=True):
        self.name = name
        self.kind = kind
        self.make = make
        self.link_type = link_type
        self.writer = write or write_pcap
        self.only_ip = only_ip

    def write(self, path, packets):
        """`packets`: [(time in ns, bytes on the wire, frame of Ethernet)]."""
        inside = [(time_ns, Inside(frame, n)) for n, (time_ns, _, frame) in enumerate(packets)]
        self.writer(path, [(time_ns, self.make(f), f) for time_ns, f in inside
                           if f.is_ip or not self.only_ip], self.link_type)
        return path


def write_pcap(path, made, link_type, order="<", unit=1):
    magic = 0xa1b23c4d if unit == 1 else 0xa1b2c3d4
    with open(path, "wb") as file:
        file.write(struct.pack(order + "IHHiIII", magic, 2, 4, 0, 0, 262144, link_type))
        for time_ns, data, _ in made:
            file.write(struct.pack(order + "IIII", time_ns // NS, time_ns % NS // unit, len(data),
                                   len(data)) + data)


def block(order, kind, body):
    body += bytes(-len(body) % 4)
    size = struct.pack(order + "I", 12 + len(body))
    return struct.pack(order + "I", kind) + size + body + size


def section(order, interfaces):
    """`interfaces`: [(link type, if_tsresol or None)]"""
    blocks = block(order, 0x0a0d0d0a, struct.pack(order + "IHHq", 0x1a2b3c4d, 1, 0, -1))
    for link_type, resolution in interfaces:
        option = b"" if resolution is None else struct.pack(
            order + "HHB3xHH", 9, 1, resolution, 0, 0)
        blocks += block(order, 1, struct.pack(order + "HHI", link_type, 0, 262144) + option)
    return blocks


# One counts in us, as by default, the others in ns.
INTERFACES = [(1, None, lambda f: f.frame), (101, 9, lambda f: f.ip), (113, 9, cooked)]


def write_pcapng(orders):
    """Frames by turns on three interfaces that differ; a section for each of `orders`."""
    def write(path, made, _):
        with open(path, "wb") as file:
            for part, order in enumerate(orders):
                file.write(section(order, [interface[:2] for interface in INTERFACES]))
                begin, end = (len(made) * n // len(orders) for n in (part, part + 1))
                for n, (time_ns, _, f) in enumerate(made[begin:end]):
                    _, resolution, make = INTERFACES[n % len(INTERFACES)]
                    time = time_ns if resolution == 9 else time_ns // 1000
                    data = make(f)
                    file.write(block(order, 6, struct.pack(
                        order + "IIIII", n % len(INTERFACES), time >> 32, time & 0xffffffff,
                        len(data), len(data)) + data))
    return write


def in_us(order):
    return lambda path, made, link_type: write_pcap(path, made, link_type, order, 1000)


def in_ns(order):
    return lambda path, made, link_type: write_pcap(path, made, link_type, order)


FILES = {
    "file-us": in_us("<"), "file-us-big": in_us(">"), "file-ns-big": in_ns(">"),
    "file-pcapng": write_pcapng("<"), "file-pcapng-big": write_pcapng(">"),
    "file-pcapng-both": write_pcapng("<><"),
}

WRAPS = ([Wrap(name, make, kind) for name, (kind, make) in OF_PACKETS.items()]
         + [Wrap(name, make, kind, only_ip=False) for name, (kind, make) in OF_FRAMES.items()]
         + [Wrap("nested", nested, "MPLS", only_ip=False)]
         + [Wrap(name, make, KINDS.get(name, ""), link_type) for name, (link_type, make) in LINK_TYPES.items()]
         + [Wrap(name, write=write) for name, write in FILES.items()])


def address6(match):
    return b"2001:db8::" + b":".join(b"%x" % int(part) for part in match.group().split(b"."))


ADDRESS = re.compile(rb"\b\d+\.\d+\.\d+\.\d+\b")


def text6(payload):
    """SIP with IPv6 addresses: in brackets in the headers, bare in SDP."""
    head, _, body = payload.partition(b"\r\n\r\n")
    body = ADDRESS.sub(address6, body).replace(b"IN IP4", b"IN IP6")
    head = ADDRESS.sub(lambda match: b"[" + address6(match) + b"]", head)
    head = re.sub(rb"Content-Length: \d+", b"Content-Length: %d" % len(body), head)
    return head + b"\r\n\r\n" + body


def to_ipv6(frame):
    """The same of Ethernet, IPv4 and UDP, with IPv6 addresses that hold the others."""
    f = Inside(frame, 0)
    addresses = [b"\x20\x01\x0d\xb8" + bytes(4) + b"".join(b"\0" + f.ip[i:i + 1] for i in range(at, at + 4))
                 for at in (12, 16)]
    ports, payload = f.ip[20:24], f.ip[28:]
    if b"SIP/2.0" in payload[:200]:
        payload = text6(payload)
    size = struct.pack(">H", 8 + len(payload))
    total = checksum(b"".join(addresses) + b"\0\x11" + size + ports + size + b"\0\0" + payload)
    udp = ports + size + struct.pack(">H", 0xffff - total or 0xffff) + payload
    return frame[:12] + b"\x86\xdd" + ip6(17, udp, addresses)
