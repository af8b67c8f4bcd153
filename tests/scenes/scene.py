"""A scene: what happens on a network, and the truth about it.

    @scene("what it is about")
    def outbound(s):
        ...

`s` has a network, makes hosts, dialogs and streams, and gathers them into calls.
Everything is drawn from the scene's name and the seed, so that it is the same
every time. write() leaves one pcap for each capture point, and truth.json.
"""

import json
import pathlib
import random

from media import Relay, Stream
from signalling import Dialog
from wire import Net, write_pcap

CATALOGUE = {}


def scene(about, **options):
    """Enters a function into the catalogue."""
    def enter(function):
        CATALOGUE[function.__name__] = (function, about, options)
        return function
    return enter


class Call:
    """What must come out as one call. Flags and states as in call.proto, without
    their prefix; of `state` and `end` the usual ones are assumed. `heard`: of more
    that speak at once on one side, whose voices the recording has."""

    def __init__(self, s, caller, callee, state="COMPLETED", end="BYE", status=200, flags=(),
                 heard=None):
        self.heard = heard
        self.scene, self.caller, self.callee = s, caller, callee
        self.state, self.end, self.status, self.flags = state, end, status, flags
        self.legs, self.streams = [], []
        self.voices = {}  # Of hosts that do not speak as themselves.
        s.calls.append(self)

    def parties(self, caller, callee):
        """Where only addresses tell who they are."""
        self.caller, self.callee = caller, callee

    def dialog(self, path, number, dialled, **options):
        return self.scene.of(self, Dialog, path, number, dialled, **options)

    def stream(self, host, port, to, voice, side, **options):
        return self.scene.of(self, Stream, host, port, to, voice, side, **options)

    def relay(self, host, port, to, of, **options):
        return self.scene.of(self, Relay, host, port, to, of, **options)

    def talk(self, t, seconds, a, a_port, b, b_port, relay=None, keep=False):
        """Both speak: phone to phone, or by way of relay = (host, port towards a, port
        towards b). Returns the two streams that the phones send."""
        voices = [self.voice_of(a), self.voice_of(b)]
        if relay is None:
            one = self.stream(a, a_port, (b.ip, b_port), voices[0], "CALLER")
            two = self.stream(b, b_port, (a.ip, a_port), voices[1], "CALLEE")
            one.talk(t, seconds)
            two.talk(t + 0.003, seconds)
            return one, two
        host, near, far = relay
        one = self.stream(a, a_port, (host.ip, near), voices[0], "CALLER")
        two = self.stream(b, b_port, (host.ip, far), voices[1], "CALLEE")
        one.talk(t, seconds, [self.relay(host, far, (b.ip, b_port), one, keep=keep)])
        two.talk(t + 0.003, seconds, [self.relay(host, near, (a.ip, a_port), two, keep=keep)])
        return one, two

    def voice_of(self, host):
        return self.voices.get(host) or f"{self.scene.name}.{host.name}"

    def truth(self):
        streams = [stream_truth(stream, part)
                   for stream in self.streams for part in parts_of(stream)]
        legs = [truth for leg in self.legs if (truth := leg_truth(leg))]
        return {"caller": self.caller, "callee": self.callee, "state": self.state,
                "end": self.end, "status": self.status, "flags": sorted(self.flags),
                "legs": legs, "streams": streams,
                "heard": self.heard or {side: sorted({s["voice"] for s in streams if s["side"] == side})
                          for side in ("CALLER", "CALLEE")}}


def leg_truth(leg):
    if not leg.messages:
        return None
    return {"callId": leg.call_id, "hosts": sorted(map(list, leg.seen_as)),
            "messages": {point: len(numbers) for point, numbers in leg.messages.items()}}


def stream_truth(stream, sightings):
    """Of what taps saw of a stream: its packets at each, and all together."""
    seen, union = [], set()
    for (point, source, destination), sighting in sorted(sightings.items()):
        numbers = set(sighting.numbers)
        union |= numbers
        seen.append({"point": point, "source": f"{source[0]}:{source[1]}",
                     "destination": f"{destination[0]}:{destination[1]}", "packets": len(numbers),
                     "lost": max(numbers) - min(numbers) + 1 - len(numbers),
                     "copies": sighting.copies})
    return {"ssrc": stream.ssrc, "codec": stream.codec, "voice": stream.voice,
            "side": stream.side, "packets": len(union),
            "lost": max(union) - min(union) + 1 - len(union), "observations": seen}


def parts_of(stream):
    """Its sightings: together if each has an end in common with another. What was
    translated at both ends, and seen by nobody in between, looks like a relay's work."""
    parts = []
    for place, sighting in sorted(stream.sightings.items()):
        part = {place: sighting}
        for other in [p for p in parts if any(place[1] == at[1] or place[2] == at[2] for at in p)]:
            parts.remove(other)
            part |= other
        parts.append(part)
    return parts


class Scene:
    def __init__(self, name, seed=0, about="", options=None):
        self.name, self.about, self.options = name, about, options or {}
        self.random = random.Random(f"{name} {seed}")
        self.net = Net(f"{name} {seed}")
        self.nets = [self.net]
        self.calls = []
        self.current = None

    def token(self, prefix, digits):
        return f"{prefix}{self.random.randrange(16 ** digits):0{digits}x}"

    def call(self, caller, callee, **truth):
        return Call(self, caller, callee, **truth)

    def of(self, call, kind, *arguments, **options):
        """Makes a dialog or stream of `call`."""
        self.current = call
        made = kind(self, *arguments, **options)
        if isinstance(made, Stream):
            call.streams.append(made)
        return made

    def leg(self, leg):
        self.current.legs.append(leg)
        return leg

    def site(self):
        """Another network, with addresses of its own; those made from now on are in it."""
        self.net = Net(f"{self.net.seed} {len(self.nets)}")
        self.nets.append(self.net)
        return self.net

    def taps(self):
        return [tap for net in self.nets for tap in net.taps]

    def truth(self):
        sensors = {}
        for tap in self.taps():
            sensor = sensors.setdefault(tap.sensor, {"site": tap.site, "files": []})
            sensor["files"].append(tap.point)
        return {"scene": self.name, "about": self.about, "sensors": sensors,
                "calls": [call.truth() for call in self.calls]}

    def write(self, folder):
        folder = pathlib.Path(folder) / self.name
        folder.mkdir(parents=True, exist_ok=True)
        for tap in self.taps():
            write_pcap(folder / tap.point, tap.frames)
        truth = self.truth()
        (folder / "truth.json").write_text(json.dumps(truth, indent=1))
        return truth


class Office:
    """The usual surroundings: sw1 with PBX, gateway and phones 101 and 102; sw2 behind
    the trunk with 103 and 104; the outside party behind the gateway's port."""

    def __init__(self, s, trunk=None, third=False):
        net = self.net = s.net
        net.switch("sw1")
        net.switch("sw2", "sw1", trunk)
        if third:
            net.switch("sw3", "sw2")
        self.pbx = net.host("pbx", "10.10.0.10", "sw1")
        self.a = net.host("101", "10.10.0.101", "sw1")
        self.b = net.host("102", "10.10.0.102", "sw1")
        self.c = net.host("103", "10.10.0.103", "sw2")
        self.d = net.host("104", "10.10.0.104", "sw3" if third else "sw2")
        self.trunk = net.host("9001", "203.0.113.5", "sw1")  # The carrier's SBC.

    def tap(self, sensor, switch="sw1", **options):
        return self.net.tap(sensor, switch, **options)


def build(name, seed=0):
    function, about, options = CATALOGUE[name]
    s = Scene(name, seed, about, options)
    function(s)
    return s
