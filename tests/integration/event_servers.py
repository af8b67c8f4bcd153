"""Servers that take what the collector sends, and answer nothing: HEP, syslog."""

import json
import socket
import struct
import threading

class DatagramServer:
    """Keeps what comes by UDP."""

    def __init__(self):
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
        self.socket.bind(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self.socket.getsockname()[1]}"
        self.packets = []
        threading.Thread(target=self.receive, daemon=True).start()

    def receive(self):
        while True:
            self.packets.append(self.socket.recv(65535))


class StreamServer:
    """Keeps what comes by TCP, one bytearray a connection. It can go away, and come back."""

    def __init__(self):
        self.port = 0
        self.streams = []
        self.connections = []
        self.open()
        self.address = f"127.0.0.1:{self.port}"

    def open(self):
        self.listener = socket.create_server(("127.0.0.1", self.port))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, args=(self.listener,), daemon=True).start()

    def close(self):
        """Also what is connected."""
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        for connection in self.connections:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            connection.close()
        self.connections = []

    def accept(self, listener):
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            self.connections.append(connection)
            stream = bytearray()
            self.streams.append(stream)
            threading.Thread(target=self.receive, args=(connection, stream), daemon=True).start()

    def receive(self, connection, stream):
        try:
            while data := connection.recv(65536):
                stream += data
        except OSError:
            pass


def hep_packets(stream):
    """Of a connection; what is not whole at its end is left out."""
    packets, at = [], 0
    while at + 6 <= len(stream):
        assert stream[at:at + 4] == b"HEP3", bytes(stream[at:at + 8])
        length, = struct.unpack_from(">H", stream, at + 4)
        if at + length > len(stream):
            break
        packets.append(bytes(stream[at:at + length]))
        at += length
    return packets


class Hep:
    """A HEP3 packet, read by its specification."""

    def __init__(self, packet):
        chunks, at = {}, 6
        while at < len(packet):
            vendor, kind, length = struct.unpack_from(">HHH", packet, at)
            assert vendor == 0 and length >= 6 and kind not in chunks
            chunks[kind] = packet[at + 6:at + length]
            at += length
        assert packet[:4] == b"HEP3" and at == len(packet) == struct.unpack(">H", packet[4:6])[0]

        def number(kind):
            return int.from_bytes(chunks[kind], "big")
        assert number(1) == 2 and number(2) == 17
        self.source, self.destination = (".".join(map(str, chunks[kind])) for kind in (3, 4))
        self.source_port, self.destination_port = number(7), number(8)
        self.time = number(9) + number(10) / 1e6
        self.kind = number(11)
        self.capture_id = number(12)
        self.payload = chunks[15]
        self.correlation = chunks[17].decode()
        self.node = chunks.get(19, b"").decode()

    def facts(self):
        """What two that say the same have in common: JSON comes in any order."""
        payload = json.loads(self.payload) if self.payload[:1] == b"{" else self.payload
        return (self.kind, self.time, self.source, self.source_port, self.destination,
                self.destination_port, self.correlation, self.node, payload)


def counted_messages(stream):
    """Syslog over TCP (RFC 6587, section 3.4.1)."""
    messages, at = [], 0
    while (space := stream.find(b" ", at)) > 0:
        length = int(stream[at:space])
        messages.append(bytes(stream[space + 1:space + 1 + length]).decode())
        at = space + 1 + length
    return messages
