"""Voices and RTP: who says what, and where it goes.

A voice is noise whose loudness goes up and down as that of speech does: every
packet of it differs from every other, none is silent, and no two voices are
alike. What a stream carries at a time is known, so what is heard in a
recording can be told by correlation.
"""

import functools
import random
import struct

RATE = 8000
SAMPLES = 160  # In 20 ms.
STEP = 0.02


@functools.lru_cache(maxsize=None)
def voice(name, seconds):
    """Linear samples of the party `name`. A sum of voices is "a+b"."""
    if "+" in name:
        parts = [voice(part, seconds) for part in name.split("+")]
        return [max(-32000, min(32000, sum(samples))) for samples in zip(*parts)]
    source = random.Random(f"voice {name}")
    samples = []
    while len(samples) < seconds * RATE:
        loud = source.uniform(800, 9000)
        for byte in source.randbytes(source.randrange(600, 2400)):
            samples.append(int((byte - 127.5) / 128 * loud))
    return samples[:seconds * RATE]


def _to_ulaw(sample):
    sign = 0x80 if sample < 0 else 0
    magnitude = min(abs(sample), 32635) + 132
    exponent = magnitude.bit_length() - 8
    return ~(sign | exponent << 4 | magnitude >> exponent + 3 & 15) & 0xff


def _from_ulaw(code):
    code = ~code & 0xff
    magnitude = ((code & 15) << 3 | 132) << (code >> 4 & 7)
    return 132 - magnitude if code & 0x80 else magnitude - 132


def _to_alaw(sample):
    sign = 0 if sample < 0 else 0x80
    magnitude = (~sample if sample < 0 else sample) >> 3
    exponent = max(0, magnitude.bit_length() - 5)
    return (sign | exponent << 4 | magnitude >> max(1, exponent) & 15) ^ 0x55


def _from_alaw(code):
    code ^= 0x55
    exponent, mantissa = code >> 4 & 7, code & 15
    magnitude = (mantissa << 4) + 8
    if exponent:
        magnitude = (magnitude + 256) << (exponent - 1)
    return magnitude if code & 0x80 else -magnitude


@functools.lru_cache(maxsize=None)
def _encoder(codec):
    encode = {"PCMU": _to_ulaw, "PCMA": _to_alaw}[codec]
    return [encode(sample) for sample in range(-32768, 32768)]


@functools.lru_cache(maxsize=None)
def _decoder(codec):
    return [{"PCMU": _from_ulaw, "PCMA": _from_alaw}[codec](code) for code in range(256)]


def encode(samples, codec):
    table = _encoder(codec)
    return bytes(table[sample + 32768] for sample in samples)


def transcode(payload, codec, to):
    return encode([_decoder(codec)[code] for code in payload], to)


@functools.lru_cache(maxsize=None)
def encoded(name, seconds, codec):
    return encode(voice(name, seconds), codec)


class Sighting:
    """Of a stream at one capture point."""

    def __init__(self):
        self.numbers = []  # Of packets, counted up from the stream's first.
        self.copies = 0  # That the mirror made besides.


class StreamLabel:
    """What taps note of one packet of a stream."""
    kind = "rtp"

    def __init__(self, stream, number):
        self.stream, self.number = stream, number

    def seen(self, tap, packet, copies):
        place = (tap.point, packet.source, packet.destination)
        sighting = self.stream.sightings.setdefault(place, Sighting())
        sighting.numbers.append(self.number)
        sighting.copies += copies - 1


class Stream:
    """RTP of one SSRC from one socket to another. `side` is whose voice it is."""

    PAYLOAD_TYPES = {"PCMU": 0, "PCMA": 8}

    def __init__(self, scene, host, port, to, voice_name, side, codec="PCMU", ssrc=None,
                 sequence=None, timestamp=None, payload_type=None):
        draw = scene.random
        self.scene, self.host, self.port, self.to = scene, host, port, to
        self.voice, self.side, self.codec = voice_name, side, codec
        self.ssrc = draw.randrange(1, 1 << 32) if ssrc is None else ssrc
        self.sequence = draw.randrange(1 << 16) if sequence is None else sequence
        self.timestamp = draw.randrange(1 << 32) if timestamp is None else timestamp
        self.payload_type = (self.PAYLOAD_TYPES[codec] if payload_type is None else payload_type)
        self.sent = 0
        self.ends = None  # When the last packet went out.
        self.sightings = {}  # (capture point, source, destination) -> Sighting

    def packet(self, payload, marker=False):
        """The next packet; sequence and timestamp go on."""
        header = struct.pack(">BBHII", 0x80, self.payload_type | (0x80 if marker else 0),
                             self.sequence, self.timestamp, self.ssrc)
        self.sequence = self.sequence + 1 & 0xffff
        self.timestamp = self.timestamp + SAMPLES & 0xffffffff
        return header + payload

    def emit(self, t, packet):
        self.sent += 1
        return self.scene.net.send(t, self.host, self.port, self.to, packet,
                                   StreamLabel(self, self.sent))

    def talk(self, t, seconds, forward=(), skip=0.0):
        """Speaks from t on; where in its voice follows from the first packet ever. After
        a pause timestamps go on as time did. `forward`: relays that get each packet."""
        count = round(seconds / STEP)
        if self.ends is None:
            self.began = t - skip
        else:
            pause = round((t - self.ends) / STEP) - 1
            self.timestamp = self.timestamp + pause * SAMPLES & 0xffffffff
        data = encoded(self.voice, 30, self.codec)
        for i in range(count):
            at = t + i * STEP
            place = round((at - self.began) / STEP) * SAMPLES % len(data)
            packet = self.packet(data[place:place + SAMPLES], marker=i == 0)
            arrived = self.emit(at, packet)
            for relay in forward if arrived is not None else ():
                relay.pass_on(arrived, packet)
            self.ends = at
        return t + seconds


class Relay(Stream):
    """Sends on what another stream brought: as it is (`keep`), or under a header of
    its own; transcoded where the codec differs."""

    def __init__(self, scene, host, port, to, of, keep=False, codec=None, delay=0.0005, forward=(),
                 **options):
        super().__init__(scene, host, port, to, of.voice, of.side, codec or of.codec, **options)
        self.of, self.keep, self.delay, self.forward = of, keep, delay, forward
        if keep:
            self.ssrc = of.ssrc

    def pass_on(self, t, packet):
        payload = packet[12:]
        if self.keep:
            out = packet
        else:
            if self.codec != self.of.codec:
                payload = transcode(payload, self.of.codec, self.codec)
            out = self.packet(payload)
        arrived = self.emit(t + self.delay, out)
        for relay in self.forward if arrived is not None else ():
            relay.pass_on(arrived, out)
