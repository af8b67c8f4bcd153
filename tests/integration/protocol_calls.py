"""Calls that are not set up by SIP over UDP or TCP, as a SPAN port shows them."""

import random
import struct

from span_captures import MS, START_NS

TEXT, PING, FINAL, COMPRESSED = 1, 9, 0x80, 0x40


class Connection:
    """One direction of a TCP connection: numbers its segments."""

    def __init__(self, capture, source, source_port, destination, port):
        self.capture = capture
        self.flow = (source, source_port, destination, port)
        self.sequence = 1000

    def send(self, time_ns, payload, seen=True):
        if seen:
            self.capture.tcp(time_ns, *self.flow, payload, self.sequence)
        self.sequence += len(payload)


def websocket(payload, first=FINAL | TEXT, mask=b""):
    """A frame (RFC 6455, section 5.2)."""
    size = len(payload)
    length = bytes([size]) if size < 126 else b"\x7e" + struct.pack(">H", size)
    if mask:
        length = bytes([length[0] | 0x80]) + length[1:]
        payload = bytes(byte ^ mask[i % 4] for i, byte in enumerate(payload))
    return bytes([first]) + length + mask + payload


UPGRADE = (b"GET /ws HTTP/1.1\r\nHost: pbx\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
           b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: sip\r\n\r\n")
SWITCHING = (b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
             b"Connection: Upgrade\r\nSec-WebSocket-Protocol: sip\r\n\r\n")


def speech(capture, name, source, destination, start_ns, seconds, payload_type=8):
    """RTP of 20 ms a packet; returns how many packets."""
    voice = random.Random(name + source.number)
    ssrc = voice.getrandbits(32)
    for n in range(seconds * 50):
        rtp = struct.pack(">BBHII", 0x80, payload_type, 1000 + n, n * 160, ssrc)
        capture.udp(start_ns + n * 20 * MS, source, source.rtp_port, destination,
                    destination.rtp_port, rtp + voice.randbytes(160))
    return seconds * 50


class MgcpLine:
    """One endpoint of a gateway, and its call agent."""

    def __init__(self, capture, gateway, agent, call_id, transaction):
        self.capture = capture
        self.gateway = gateway
        self.agent = agent
        self.call_id = call_id
        self.endpoint = f"aaln/1@gw{gateway.number}.example"
        self.transaction = transaction

    def exchange(self, at_ms, from_gateway, verb, parameters, body="", answer=(200, "OK", "")):
        """A command, and its response 2 ms later."""
        self.transaction += 1
        time_ns = START_NS + at_ms * MS
        code, comment, answer_body = answer
        command = (f"{verb} {self.transaction} {self.endpoint} MGCP 1.0\r\n"
                   + "".join(f"{line}\r\n" for line in parameters) + body)
        response = f"{code} {self.transaction} {comment}\r\n{answer_body}"
        ends = [(self.gateway, 2427), (self.agent, 2727)]
        if not from_gateway:
            ends.reverse()
        self.capture.udp(time_ns, *ends[0], *ends[1], command.encode())
        self.capture.udp(time_ns + 2 * MS, *ends[1], *ends[0], response.encode())

    def notify(self, at_ms, events):
        self.exchange(at_ms, True, "NTFY", [f"O: {events}"])

    def create(self, at_ms, mode, extra=()):
        self.exchange(at_ms, False, "CRCX", [f"C: {self.call_id}", f"M: {mode}", *extra],
                      answer=(200, "OK", f"I: 1\r\n\r\n{self.sdp(self.gateway)}"))

    def modify(self, at_ms, mode, peer=None):
        self.exchange(at_ms, False, "MDCX", [f"C: {self.call_id}", "I: 1", f"M: {mode}"],
                      f"\r\n{self.sdp(peer)}" if peer else "")

    def delete(self, at_ms):
        self.exchange(at_ms, False, "DLCX", [f"C: {self.call_id}", "I: 1"],
                      answer=(250, "OK", "P: PS=100\r\n"))

    @staticmethod
    def sdp(host):
        return (f"v=0\r\nc=IN IP4 {host.address}\r\nm=audio {host.rtp_port} RTP/AVP 8\r\n")


class SccpPhone:
    """A phone and its call manager; version 20, but for what old phones send."""

    OFF_HOOK, ON_HOOK, RING_OUT, RING_IN, CONNECTED, HOLD, PROCEED = 1, 2, 3, 4, 5, 8, 12

    def __init__(self, capture, phone, manager, reference, port=50000):
        self.phone = phone
        self.reference = reference
        self.party = 0x1000000 + reference
        self.up = Connection(capture, phone, port, manager, 2000)
        self.down = Connection(capture, manager, 2000, phone, port)

    @staticmethod
    def words(*values):
        return struct.pack(f"<{len(values)}I", *values)

    def send(self, direction, at_ms, message, body, version=20):
        direction.send(START_NS + at_ms * MS,
                       struct.pack("<III", 4 + len(body), version, message) + body)

    def state(self, at_ms, state):
        self.send(self.down, at_ms, 0x111, self.words(state, 1, self.reference, 0, 4, 0))

    def call_info(self, at_ms, kind, calling, called):
        texts = b"".join(f"{text}\0".encode() for text in
                         (calling, calling, called, called, called, "", "", "", "", "", ""))
        self.send(self.down, at_ms, 0x14a,
                  self.words(1, self.reference, kind, 0, 0, 1, 0, 0) + texts)

    def key(self, at_ms, button):
        self.send(self.up, at_ms, 0x3, self.words(button, 1, self.reference))

    def open(self, at_ms, peer):
        """Media both ways: the phone's port, and where it is to send."""
        none = bytes(48 + 8)
        self.send(self.down, at_ms, 0x105,
                  self.words(self.reference, self.party, 20, 2, 0, 0, self.reference) + none
                  + self.words(101, 10, 0, 0))
        self.send(self.up, at_ms + 4, 0x22, self.words(0, 0) + self.phone.packed() + bytes(12)
                  + self.words(self.phone.rtp_port, self.party, self.reference))
        self.send(self.down, at_ms + 6, 0x8a,
                  self.words(self.reference, self.party, 0) + peer.packed() + bytes(12)
                  + self.words(peer.rtp_port, 20, 2, 184, 0, 0, 0, self.reference) + none
                  + self.words(101, 10, 0, 0))

    def close(self, at_ms):
        body = self.words(self.reference, self.party, self.reference, 0)
        self.send(self.down, at_ms, 0x106, body)
        self.send(self.down, at_ms + 1, 0x8b, body)
