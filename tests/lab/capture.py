"""Reads captures, and tells who is heard in them. Python's own library only."""

import array
import collections
import operator
import struct
import wave

Datagram = collections.namedtuple(
    "Datagram", "time_ns source destination payload vlan", defaults=[0]
)


def frames(path):
    """The time in ns and the bytes of each frame of a pcap file."""
    with open(path, "rb") as file:
        magic = struct.unpack("<I", file.read(24)[:4])[0]
        nanoseconds = {0xA1B23C4D: 1, 0xA1B2C3D4: 1000}[magic]
        while header := file.read(16):
            seconds, fraction, size, _ = struct.unpack("<IIII", header)
            yield seconds * 10**9 + fraction * nanoseconds, file.read(size)


def count_frames(path):
    return sum(1 for _ in frames(path))


def datagrams(path):
    """The UDP datagrams (IPv4 over Ethernet) of a pcap file, as Datagram.

    Endpoints are "address:port". A payload may be cut by the snap length.
    """
    for time_ns, frame in frames(path):
        vlan = 0
        if frame[12:14] == b"\x81\x00":
            vlan = struct.unpack(">H", frame[14:16])[0] & 4095
            frame = frame[:12] + frame[16:]
        if len(frame) < 42 or frame[12:14] != b"\x08\x00" or frame[23] != 17:
            continue
        udp = 14 + 4 * (frame[14] & 15)
        ports = struct.unpack(">HH", frame[udp : udp + 4])
        yield Datagram(
            time_ns,
            "%d.%d.%d.%d:%d" % (*frame[26:30], ports[0]),
            "%d.%d.%d.%d:%d" % (*frame[30:34], ports[1]),
            frame[udp + 8 :],
            vlan,
        )


def is_rtp(datagram):
    """RTP by its look: version 2, and not RTCP, whose second byte is 200-223."""
    data = datagram.payload
    return len(data) >= 12 and data[0] >> 6 == 2 and not 192 <= data[1] <= 223


def rtp_header(data):
    """Payload type, sequence number, timestamp, SSRC."""
    return (data[1] & 127, *struct.unpack(">HII", data[2:12]))


def _decode_ulaw(byte):
    byte = ~byte & 255
    value = (((byte & 15) << 3) + 132 << (byte >> 4 & 7)) - 132
    return -value if byte & 128 else value


def _decode_alaw(byte):
    byte ^= 0x55
    exponent = byte >> 4 & 7
    value = ((byte & 15) << 4) + 8
    if exponent:
        value = value + 256 << exponent - 1
    return value if byte & 128 else -value


# By static payload type (RFC 3551).
G711 = {
    0: [_decode_ulaw(byte) for byte in range(256)],
    8: [_decode_alaw(byte) for byte in range(256)],
}


def decode_g711(payloads):
    """Samples of {timestamp: (payload type, payload)}, silence in the gaps."""
    first = min(payloads)
    samples = array.array("h", bytes(2 * (max(payloads) - first + 160)))
    for timestamp, (payload_type, payload) in payloads.items():
        at = timestamp - first
        decoded = array.array("h", map(G711[payload_type].__getitem__, payload))
        samples[at : at + len(decoded)] = decoded
    return samples


def read_wav(path):
    """One array of samples a channel, at 8 kHz. Of 8, 16 or 48 kHz, 16 bits."""
    with wave.open(str(path)) as file:
        rate, channels = file.getframerate(), file.getnchannels()
        if rate not in (8000, 16000, 48000) or file.getsampwidth() != 2:
            raise ValueError(f"{path}: not 8, 16 or 48 kHz, 16 bits")
        samples = array.array("h", file.readframes(file.getnframes()))
    sides = [samples[n::channels] for n in range(channels)]
    if rate == 8000:
        return sides
    # The mean: enough of a filter for speech.
    step = rate // 8000
    return [
        array.array("h", (sum(some) // step for some in zip(*(side[n::step] for n in range(step)))))
        for side in sides
    ]


def _correlation(a, b, lag):
    """Normalised, of a[i + lag] with b[i], where both exist."""
    a, b = (a[lag:], b) if lag >= 0 else (a, b[-lag:])
    size = min(len(a), len(b))
    a, b = a[:size], b[:size]
    power = sum(map(operator.mul, a, a)) * sum(map(operator.mul, b, b))
    return sum(map(operator.mul, a, b)) / power**0.5 if power else 0.0


def _loudness(samples):
    """One value every 10 ms, their mean taken away."""
    values = [sum(map(abs, samples[n : n + 80])) for n in range(0, len(samples), 80)]
    mean = sum(values) / max(1, len(values))
    return [value - mean for value in values]


def likeness(heard, spoken):
    """How much of `spoken` is in `heard`: 1 is all of it, 0 none; and its lag.

    Only as much of `spoken` counts as `heard` is long. First the loudness finds
    the lag (in samples, at most 1 s) to 10 ms, then the samples themselves.
    """
    spoken = spoken[: len(heard)]
    loud_heard, loud_spoken = _loudness(heard), _loudness(spoken)
    reach = min(100, len(loud_heard) // 2)
    coarse = max(
        range(-reach, reach + 1),
        key=lambda lag: _correlation(loud_heard, loud_spoken, lag),
    )
    # Half a second that is not silent is enough for the fine search; it must lie
    # in what was heard.
    size, near = 4000, 120
    first = max(0, near - coarse * 80)
    last = min(len(spoken), len(heard) - near - coarse * 80) - size
    loudest = max(
        range(first, max(first, last) + 1, size // 2),
        key=lambda at: sum(map(abs, spoken[at : at + size])),
    )
    piece = spoken[loudest : loudest + size]

    def fits(lag):
        at = loudest + lag
        return sum(map(operator.mul, heard[at : at + size], piece))

    fine = max(range(coarse * 80 - near, coarse * 80 + near + 1), key=fits)
    return _correlation(heard, spoken, fine), fine
