"""The network of a scene: hosts on switches, address translators, and SPAN ports.

Every datagram that is sent crosses the switches between its two hosts, is
rewritten where an address translator lies between, and is seen by the taps of
those switches. A tap notes what it saw, so what was to be seen is known
exactly.

Addresses are strings, times are seconds since the scene's start.
"""

import random
import struct

HOP = 0.00002  # Through one switch.
FIRST = 1_700_000_000  # When scenes start, in seconds since the epoch.


def checksum(data):
    if len(data) % 2:
        data += b"\0"
    total = sum(struct.unpack(f">{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff


def packed(ip):
    return bytes(map(int, ip.split(".")))


def is_multicast(ip):
    return 224 <= int(ip.split(".")[0]) < 240


class Host:
    """A phone, a PBX, a gateway: an address on a port of a switch."""

    def __init__(self, net, name, ip, switch, behind=None, vlan=0):
        self.net, self.name, self.ip, self.switch = net, name, ip, switch
        self.behind = behind  # The Translator that is its way out.
        self.vlan = vlan
        self.mac = b"\x02" + net.random.randbytes(5)
        self.ttl = 64
        self.ident = net.random.randrange(1, 65536)
        self.next_port = 16384 + 2 * net.random.randrange(500)

    def port(self):
        """A fresh port for RTP, on even numbers."""
        self.next_port += 2
        return self.next_port

    def next_ident(self):
        self.ident = self.ident % 65535 + 1
        return self.ident


class Translator:
    """NAT: one foot (a Host) on either side; ports are mapped as they are used."""

    def __init__(self, inside, outside, first_port=40000):
        self.inside, self.outside = inside, outside
        self.mapped = {}  # (host, port) -> port outside
        self.inner = {}  # and back
        self.next_port = first_port

    def out(self, host, port):
        if (host, port) not in self.mapped:
            self.mapped[host, port] = self.next_port
            self.inner[self.next_port] = (host, port)
            self.next_port += 1
        return self.mapped[host, port]

    def open(self, host, port):
        """Where the outside reaches (host, port): as STUN would have told."""
        return self.outside.ip, self.out(host, port)


class Link:
    """Between two switches; what it does to frames is keyed by the seed alone."""

    def __init__(self, delay=0.0002, loss=0.0, reorder=0.0, jitter=0.0):
        self.delay, self.loss, self.reorder, self.jitter = delay, loss, reorder, jitter


class Tap:
    """A SPAN session: which ports of a switch, which directions, into which sensor.

    `ports` are hosts and neighbouring switches, None for all, or a dictionary that
    gives each its direction. "rx" on all ports yields each frame once, "both" twice. `drop` is what an oversubscribed SPAN
    port loses. The clock shows the time plus `offset` seconds plus `ppm`.
    """

    def __init__(self, net, sensor, switch, ports=None, direction="rx", kinds=("sip", "rtp"),
                 drop=0.0, offset=0.0, ppm=0.0, site="hq", begins=0.0, ends=1e9, tagged=True):
        self.net, self.sensor, self.switch, self.site = net, sensor, switch, site
        self.ports, self.direction, self.kinds = ports, direction, kinds
        self.drop, self.offset, self.ppm = drop, offset, ppm
        self.begins, self.ends, self.tagged = begins, ends, tagged
        self.point = f"{sensor}-{switch}-{len(net.taps)}.pcap"
        self.random = random.Random(f"{net.seed} {self.point}")
        self.frames = []  # (ns, frame)

    def clock(self, t):
        return int((FIRST + t + self.offset + t * self.ppm * 1e-6) * 1e9)

    def mirrors(self, port, way):
        if isinstance(self.ports, dict):
            return self.ports.get(port) in (way, "both")
        return (self.ports is None or port in self.ports) and self.direction in (way, "both")

    def see(self, t, came_by, leaves_by, packet):
        """A frame that crosses the switch; once for each port that is mirrored."""
        if not self.begins <= t < self.ends or packet.label.kind not in self.kinds:
            return
        copies = 0
        for way, port in (("rx", came_by), ("tx", leaves_by)):
            if not self.mirrors(port, way):
                continue
            if self.drop and self.random.random() < self.drop:
                continue
            late = self.random.choice((0, 1e-6, 4e-6, 25e-6)) if copies else 0
            self.frames.append((self.clock(t + late), packet.frame(tagged=self.tagged)))
            copies += 1
        if copies:
            packet.label.seen(self, packet, copies)


class Packet:
    """A datagram on one stretch of its way, between two hosts of one network."""

    def __init__(self, source, destination, payload, label, macs, ttl, ident, vlan):
        self.source, self.destination = source, destination  # (ip, port)
        self.payload, self.label = payload, label
        self.macs, self.ttl, self.ident, self.vlan = macs, ttl, ident, vlan

    def frame(self, tagged):
        udp = struct.pack(">HHHH", self.source[1], self.destination[1], 8 + len(self.payload), 0)
        ends = packed(self.source[0]) + packed(self.destination[0])
        pseudo = ends + struct.pack(">HH", 17, 8 + len(self.payload))
        total = checksum(pseudo + udp + self.payload) or 0xffff
        udp = udp[:6] + struct.pack(">H", total)
        ip = struct.pack(">BBHHHBBH", 0x45, 0, 28 + len(self.payload), self.ident, 0x4000,
                         self.ttl, 17, 0) + ends
        ip = ip[:10] + struct.pack(">H", checksum(ip)) + ip[12:]
        tag = struct.pack(">HH", 0x8100, self.vlan) if self.vlan and tagged else b""
        return self.macs[1] + self.macs[0] + tag + b"\x08\x00" + ip + udp + self.payload


class Net:
    """Switches in a tree, the hosts on them, the taps. One address space, plus
    one behind each translator."""

    def __init__(self, seed):
        self.seed = seed
        self.random = random.Random(f"{seed} net")
        self.switches = {}  # name -> {neighbour: Link}
        self.hosts = {}  # (translator, ip) -> Host
        self.translators = {}  # ip outside -> Translator
        self.taps = []

    def switch(self, name, uplink=None, link=None):
        self.switches[name] = {}
        if uplink:
            self.switches[name][uplink] = self.switches[uplink][name] = link or Link()
        return name

    def host(self, name, ip, switch, behind=None, vlan=0):
        host = Host(self, name, ip, switch, behind, vlan)
        self.hosts[behind, ip] = host
        return host

    def nat(self, inside_ip, inside_switch, outside_ip, outside_switch, **options):
        """The foot inside is registered when the translator exists."""
        inside = Host(self, "nat-in", inside_ip, inside_switch)
        outside = self.host("nat-out", outside_ip, outside_switch)
        translator = Translator(inside, outside, **options)
        self.translators[outside_ip] = translator
        return translator

    def tap(self, sensor, switch, **options):
        tap = Tap(self, sensor, switch, **options)
        self.taps.append(tap)
        return tap

    def path(self, here, there, before=None):
        """The switches from one to another, both included."""
        if here == there:
            return [here]
        for neighbour in self.switches[here]:
            if neighbour != before and (rest := self.path(neighbour, there, here)):
                return [here, *rest]
        return None

    def send(self, t, host, port, destination, payload, label):
        """When it arrives, or None if it was lost on the way."""
        source, ttl, ident = (host.ip, port), host.ttl, host.next_ident()
        realm = host.behind
        if is_multicast(destination[0]):
            return self.flood(t, host, source, destination, payload, label, ttl, ident)
        while t is not None:
            final = self.hosts.get((realm, destination[0]))
            if final is None:  # Out by the translator.
                t = self.cross(t, host, realm.inside, source, destination, payload, label, ttl, ident)
                source, host, realm = (realm.outside.ip, realm.out(host, port)), realm.outside, None
            else:
                t = self.cross(t, host, final, source, destination, payload, label, ttl, ident)
                translator = self.translators.get(destination[0])
                if translator is None or realm is not None:
                    return t
                if destination[1] not in translator.inner:
                    return None
                inner, inner_port = translator.inner[destination[1]]
                destination, host, realm = (inner.ip, inner_port), translator.inside, translator
            ttl -= 1
            t = t and t + 0.0001
        return None

    def cross(self, t, here, there, source, destination, payload, label, ttl, ident):
        path = self.path(here.switch, there.switch)
        packet = Packet(source, destination, payload, label, (here.mac, there.mac), ttl, ident,
                        here.vlan or there.vlan)
        return self.along(t, path, here, there, packet)

    def along(self, t, path, here, there, packet):
        for i, switch in enumerate(path):
            came_by = here if i == 0 else path[i - 1]
            leaves_by = there if i + 1 == len(path) else path[i + 1]
            for tap in self.taps:
                if tap.switch == switch:
                    tap.see(t, came_by, leaves_by, packet)
            t += HOP
            if i + 1 == len(path):
                return t
            link = self.switches[switch][leaves_by]
            if packet.label.kind == "rtp" and self.random.random() < link.loss:
                return None
            t += link.delay + link.jitter * self.random.random()
            if packet.label.kind == "rtp" and self.random.random() < link.reorder:
                t += 0.03  # Later than the next one.

    def flood(self, t, host, source, destination, payload, label, ttl, ident):
        """Multicast: to every switch of the tree, once over each link."""
        packet = Packet(source, destination, payload, label,
                        (host.mac, b"\x01\x00\x5e" + packed(destination[0])[1:]), ttl, ident,
                        host.vlan)
        group = f"group {destination[0]}"
        reached = set()
        for switch in self.switches:
            path = [s for s in self.path(host.switch, switch)]
            for i, at in enumerate(path):
                if at in reached:
                    continue
                reached.add(at)
                came_by = host if i == 0 else path[i - 1]
                for tap in self.taps:
                    if tap.switch == at:
                        tap.see(t + i * (HOP + 0.0002), came_by, group, packet)
        return t + HOP


def write_pcap(path, frames):
    """Nanosecond pcap, in the order of time as a sensor would have it."""
    with open(path, "wb") as file:
        file.write(struct.pack("<IHHiIII", 0xa1b23c4d, 2, 4, 0, 0, 262144, 1))
        for ns, frame in sorted(frames, key=lambda item: item[0]):
            file.write(struct.pack("<IIII", ns // 10**9, ns % 10**9, len(frame), len(frame)))
            file.write(frame)
