"""Captures of sick mirrors, made from nothing: what a SPAN port shows of calls.

Everything is deterministic. A Capture is a list of frames with their times;
faults are made by leaving out, doubling or changing frames, as switches do.
"""

import random
import struct

START_NS = 1_790_000_000_000_000_000
MS = 1_000_000
SECOND = 1_000_000_000


def mac(text):
    return bytes(int(part, 16) for part in text.split(":"))


class Host:
    def __init__(self, number, address, hardware, rtp_port=4000):
        self.number = number
        self.address = address
        self.mac = mac(hardware)
        self.rtp_port = rtp_port

    def packed(self):
        return bytes(int(part) for part in self.address.split("."))


PBX = Host("pbx", "10.0.0.10", "02:10:00:00:00:10", 30000)
A = Host("101", "10.0.0.101", "02:10:00:00:01:01", 4000)
B = Host("102", "10.0.0.102", "02:10:00:00:01:02", 4002)
C = Host("103", "10.0.0.103", "02:10:00:00:01:03", 4004)
D = Host("104", "10.0.0.104", "02:10:00:00:01:04", 4006)
GATEWAY = Host("0800", "10.0.0.1", "02:10:00:00:00:01", 5004)

BROADCAST = b"\xff" * 6


def checksum(data):
    if len(data) % 2:
        data += b"\0"
    total = sum(struct.unpack(f">{len(data) // 2}H", data))
    while total > 0xffff:
        total = (total & 0xffff) + (total >> 16)
    return total


class Capture:
    """Frames in order of time, as one capture point saw them."""

    def __init__(self):
        self.frames = []  # [time_ns, frame, original length]
        self.next_id = 1

    def add(self, time_ns, frame, length=None):
        self.frames.append([time_ns, frame, length or len(frame)])

    def ethernet(self, time_ns, source, destination, ether_type, payload, vlans=()):
        tags = b"".join(struct.pack(">HH", 0x8100, vlan) for vlan in vlans)
        frame = destination + source + tags + struct.pack(">H", ether_type) + payload
        self.add(time_ns, frame.ljust(60, b"\0"))

    def ip(self, time_ns, source, destination, protocol, payload, fragment=0, vlans=(),
           to_mac=None, identification=None):
        """`fragment`: the field of the header. One identification a packet."""
        if identification is None:
            identification = self.next_id
            self.next_id = self.next_id % 65535 + 1
        header = struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(payload), identification, fragment, 64,
                             protocol, 0) + source.packed() + destination.packed()
        header = header[:10] + struct.pack(">H", 0xffff - checksum(header)) + header[12:]
        self.ethernet(time_ns, source.mac, to_mac or destination.mac, 0x0800, header + payload,
                      vlans)

    def udp(self, time_ns, source, source_port, destination, port, payload, vlans=(), sums="right",
            to_mac=None):
        length = 8 + len(payload)
        ports = struct.pack(">HHH", source_port, port, length)
        pseudo = source.packed() + destination.packed() + struct.pack(">HH", 17, length)
        if sums == "right":
            value = 0xffff - checksum(pseudo + ports + b"\0\0" + payload) or 0xffff
        elif sums == "partial":
            value = checksum(pseudo)
        else:
            value = 0x1234
        self.ip(time_ns, source, destination, 17, ports + struct.pack(">H", value) + payload,
                vlans=vlans, to_mac=to_mac)

    def tcp(self, time_ns, source, source_port, destination, port, payload, sequence=1):
        header = struct.pack(">HHIIBBHHH", source_port, port, sequence, 1, 0x50, 0x18, 65535, 0, 0)
        self.ip(time_ns, source, destination, 6, header + payload)

    def arp(self, time_ns, host, target):
        body = struct.pack(">HHBBH", 1, 0x0800, 6, 4, 1) + host.mac + host.packed() + bytes(6)
        self.ethernet(time_ns, host.mac, BROADCAST, 0x0806, body + target.packed())

    def keep(self, wanted):
        """Only frames for which wanted(frame) holds."""
        self.frames = [entry for entry in self.frames if wanted(entry[1])]
        return self

    def double(self, wanted=lambda frame: True):
        """A second copy of each frame, as it leaves by another mirrored port."""
        copies = [[time_ns + 2000, frame, length]
                  for time_ns, frame, length in self.frames if wanted(frame)]
        self.frames += copies
        return self

    def shift(self, ns):
        for entry in self.frames:
            entry[0] += ns
        return self

    def write(self, path):
        with open(path, "wb") as file:
            file.write(struct.pack("<IHHiIII", 0xA1B23C4D, 2, 4, 0, 0, 262144, 1))
            for time_ns, frame, length in sorted(self.frames, key=lambda entry: entry[0]):
                seconds, rest = divmod(time_ns, SECOND)
                file.write(struct.pack("<IIII", seconds, rest, len(frame), length) + frame)
        return path


def is_rtp(frame):
    return (len(frame) > 50 and frame[12:14] == b"\x08\x00" and frame[23] == 17
            and frame[42] == 0x80 and not 192 <= frame[43] <= 223)


def sent_by(*hosts):
    return lambda frame: frame[6:12] in {host.mac for host in hosts}


def sent_to(*hosts):
    return lambda frame: frame[:6] in {host.mac for host in hosts}


def sdp(host, address=None, encrypted=False, direction="sendrecv"):
    profile = "UDP/TLS/RTP/SAVP" if encrypted else "RTP/AVP"
    # Whose key is not in the SDP.
    key = "a=fingerprint:sha-1 " + ":".join(["5A"] * 20) + "\r\n" if encrypted else ""
    where = address or host.address
    return (f"v=0\r\no=- 1 1 IN IP4 {where}\r\ns=-\r\nc=IN IP4 {where}\r\nt=0 0\r\n"
            f"m=audio {host.rtp_port} {profile} 8\r\na=rtpmap:8 PCMA/8000\r\na={direction}\r\n"
            f"{key}")


class Call:
    """One call between two phones through a PBX that stays in the signalling path alone."""

    def __init__(self, capture, name, caller, callee, start_ms=0, seconds=6, pbx=PBX, port=5060,
                 encrypted=False, vlans=(), caller_direction="sendrecv",
                 callee_direction="sendrecv", padding=0):
        self.capture = capture
        self.name = name
        self.caller = caller
        self.callee = callee
        self.pbx = pbx
        self.port = port
        self.encrypted = encrypted
        self.vlans = vlans
        self.start_ns = START_NS + start_ms * MS
        self.answer_ns = self.start_ns + 500 * MS
        self.end_ns = self.answer_ns + seconds * SECOND
        self.caller_direction = caller_direction
        self.callee_direction = callee_direction
        self.padding = padding
        self.random = random.Random(name)
        self.ssrc = {host: self.random.getrandbits(32) for host in (caller, callee)}

    def message(self, time_ns, source, destination, start_line, branch, method, body="", to_tag="",
                more=()):
        headers = [start_line,
                   f"Via: SIP/2.0/UDP {self.pbx.address};branch=z9hG4bK{self.name}{branch}",
                   f"From: <sip:{self.caller.number}@{self.pbx.address}>;tag={self.name}a",
                   f"To: <sip:{self.callee.number}@{self.pbx.address}>{to_tag}",
                   f"Call-ID: {self.name}", f"CSeq: 1 {method}", "Max-Forwards: 70", *more]
        if self.padding:
            headers.append("X-Padding: " + "x" * self.padding)
        if body:
            headers.append("Content-Type: application/sdp")
        headers.append(f"Content-Length: {len(body)}")
        text = "\r\n".join(headers) + "\r\n\r\n" + body
        ports = [self.port if host is self.pbx else 5060 if self.port == 5060 else 40000
                 for host in (source, destination)]
        self.capture.udp(time_ns, source, ports[0], destination, ports[1], text.encode(), self.vlans)

    def signalling(self):
        tag = f";tag={self.name}b"
        offer = sdp(self.caller, encrypted=self.encrypted, direction=self.caller_direction)
        answer = sdp(self.callee, encrypted=self.encrypted, direction=self.callee_direction)
        uri = f"sip:{self.callee.number}@{self.callee.address}"
        for hop, (near, far) in enumerate(((self.caller, self.pbx), (self.pbx, self.callee))):
            lag = hop * MS
            back = (2 - hop) * MS
            self.message(self.start_ns + lag, near, far, f"INVITE {uri} SIP/2.0", f"i{hop}",
                         "INVITE", offer)
            self.message(self.start_ns + 20 * MS + back, far, near, "SIP/2.0 180 Ringing",
                         f"i{hop}", "INVITE", to_tag=tag)
            self.message(self.answer_ns - 10 * MS + back, far, near, "SIP/2.0 200 OK", f"i{hop}",
                         "INVITE", answer, tag)
            self.message(self.answer_ns + lag, near, far, f"ACK {uri} SIP/2.0", f"k{hop}", "ACK",
                         to_tag=tag)
            self.message(self.end_ns + lag, near, far, f"BYE {uri} SIP/2.0", f"b{hop}", "BYE",
                         to_tag=tag)
            self.message(self.end_ns + 10 * MS + back, far, near, "SIP/2.0 200 OK", f"b{hop}",
                         "BYE", to_tag=tag)
        return self

    def speech(self, source, destination, keep=lambda sequence: True, sums="right"):
        """RTP from `source` to `destination`, 20 ms a packet. Returns how many were sent."""
        voice = random.Random(f"{self.name}{source.number}")
        packets = (self.end_ns - self.answer_ns) // (20 * MS)
        for n in range(packets):
            payload = voice.randbytes(160)
            if not keep(n):
                continue
            rtp = struct.pack(">BBHII", 0x80, 8, (1000 + n) & 0xffff, n * 160,
                              self.ssrc[source]) + payload
            self.capture.udp(self.answer_ns + 20 * MS + n * 20 * MS, source, source.rtp_port,
                             destination, destination.rtp_port, rtp, self.vlans, sums)
        return packets

    def both_speak(self, sums="right"):
        self.speech(self.caller, self.callee, sums=sums)
        self.speech(self.callee, self.caller, sums=sums)
        return self

    def rtcp(self, reporter, other, heard, lost=0):
        """Sender reports of `reporter`, each second; of what it hears from `other`, if it does."""
        for second in range(1, (self.end_ns - self.answer_ns) // SECOND):
            packets = second * 50
            block = b""
            if heard:
                block = struct.pack(">IIIIII", self.ssrc[other], lost & 0xffffff,
                                    1000 + packets - 1, 0, 0, 0)
            words = 6 + len(block) // 4
            packet = struct.pack(">BBHIQIII", 0x80 | (1 if heard else 0), 200, words,
                                 self.ssrc[reporter], 0, packets * 160, packets,
                                 packets * 160) + block
            self.capture.udp(self.answer_ns + second * SECOND, reporter, reporter.rtp_port + 1,
                             other, other.rtp_port + 1, packet, self.vlans)
        return self


def clean():
    """Two phones and a PBX, all ports mirrored as they should be."""
    capture = Capture()
    Call(capture, "clean", A, B).signalling().both_speak()
    return capture


def chatter(capture, seconds=40, hosts=(A, B, C)):
    """What every port of a switch sees: ARP, mDNS."""
    for second in range(seconds):
        time_ns = START_NS + second * SECOND
        for host in hosts:
            capture.arp(time_ns + 10 * MS, host, PBX)
        group = Host("", "224.0.0.251", "01:00:5e:00:00:fb")
        capture.udp(time_ns + 20 * MS, A, 5353, group, 5353, b"\0" * 40)
    return capture
