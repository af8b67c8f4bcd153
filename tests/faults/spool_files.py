"""What a sensor has on its disk, read without its help."""

import collections
import struct

HEADER = struct.Struct(">IIQQ")  # Of a segment, and of each record in it.
SIP, MEDIA = 2, 4  # Fields of a CallFrame;
SSRC, PACKETS = 3, 8  # and of a MediaChunk.


def varint(data, at):
    value, shift = 0, 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            return value, at


def fields(data):
    """(number, value) of each field of a serialized message."""
    at = 0
    while at < len(data):
        key, at = varint(data, at)
        kind = key & 7
        if kind == 0:
            value, at = varint(data, at)
        else:
            size, at = varint(data, at) if kind == 2 else ({1: 8, 5: 4}[kind], at)
            value, at = data[at:at + size], at + size
        yield key >> 3, value


def records(path):
    data = path.read_bytes()
    at = HEADER.size
    while at + HEADER.size <= len(data):
        size = HEADER.unpack_from(data, at)[0]
        at += HEADER.size
        if at + size > len(data):
            return  # Torn.
        yield data[at:at + size]
        at += size


def packets(spool):
    """How many RTP packets of each SSRC, and SIP messages (None), are on the disk."""
    count = collections.Counter()
    for path in sorted(spool.glob("*/*.seg")):
        for record in records(path):
            for _, frame in fields(record):
                frame = dict(fields(frame))
                if SIP in frame:
                    count[None] += 1
                if MEDIA in frame:
                    chunk = dict(fields(frame[MEDIA]))
                    count[struct.unpack("<I", chunk[SSRC])[0]] += chunk[PACKETS]
    return count
