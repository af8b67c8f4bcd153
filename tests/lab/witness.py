"""What tcpdump saw on the SPAN ports of a scene: what sensors can know."""

import capture

TELEPHONE_EVENT = 101


class Sighting:
    """One RTP stream at one sensor.

    `packets` has the distinct ones: payload by type, sequence and timestamp.
    `copies` counts all others, made by the mirror or by the network.
    """

    def __init__(self, sensor, datagram):
        self.sensor = sensor
        self.source, self.destination = datagram.source, datagram.destination
        self.begin_ns = self.end_ns = datagram.time_ns
        self.packets = {}
        self.copies = 0

    def add(self, datagram):
        self.end_ns = datagram.time_ns
        packet = capture.rtp_header(datagram.payload)[:3]
        self.copies += packet in self.packets
        self.packets[packet] = datagram.payload[12:]

    def audio(self, end_ns):
        """Up to a time; None unless all of it is G.711."""
        samples = (end_ns - self.begin_ns) * 8 // 10**6
        packets = {
            timestamp: (kind, payload)
            for (kind, _, timestamp), payload in self.packets.items()
            if kind != TELEPHONE_EVENT
        }
        if all(kind in capture.G711 for kind, _ in packets.values()):
            return capture.decode_g711(packets)[:samples]
        return None

    def keys(self):
        pressed = {
            timestamp: payload[0]
            for (kind, _, timestamp), payload in self.packets.items()
            if kind == TELEPHONE_EVENT
        }
        return "".join("0123456789*#"[code] for _, code in sorted(pressed.items()))


class Dialog:
    """A Call-ID between two hosts, wherever it was seen."""

    def __init__(self, begin_ns):
        self.begin_ns = begin_ns
        self.sensors = set()


def header(message, name):
    for line in message.split("\r\n"):
        key, _, value = line.partition(":")
        if key.strip().lower() == name:
            return value.strip()
    return ""


def host(endpoint):
    return endpoint.rsplit(":", 1)[0]


class Witness:
    """dialogs: (Call-ID, two hosts) -> Dialog.
    sightings: (sensor, source, destination, SSRC) -> Sighting.
    vlans: of all these, 0 where there is no tag."""

    def __init__(self, directory):
        self.dialogs = {}
        self.sightings = {}
        self.vlans = set()
        for path in sorted(directory.glob("sw?.pcap")):
            for datagram in capture.datagrams(path):
                self._add("s" + path.stem[2:], datagram)

    def _add(self, sensor, datagram):
        ends = datagram.source, datagram.destination
        if any(end.endswith((":5060", ":5080")) for end in ends):
            message = datagram.payload.decode("utf-8", "replace")
            if "REGISTER" in header(message, "cseq") or not header(message, "call-id"):
                return
            key = header(message, "call-id"), frozenset(map(host, ends))
            dialog = self.dialogs.setdefault(key, Dialog(datagram.time_ns))
            dialog.begin_ns = min(dialog.begin_ns, datagram.time_ns)
            dialog.sensors.add(sensor)
            self.vlans.add(datagram.vlan)
        elif capture.is_rtp(datagram):
            key = sensor, *ends, capture.rtp_header(datagram.payload)[3]
            if key not in self.sightings:
                self.sightings[key] = Sighting(sensor, datagram)
            self.sightings[key].add(datagram)
            self.vlans.add(datagram.vlan)

    def between(self, begin_ns, end_ns):
        """Only the dialogs and streams that began then."""
        part = object.__new__(Witness)
        part.dialogs, part.sightings = (
            {k: v for k, v in all.items() if begin_ns <= v.begin_ns < end_ns}
            for all in (self.dialogs, self.sightings)
        )
        return part
