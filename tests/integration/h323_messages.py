"""Messages of H.323: an encoder of its own for aligned PER (ITU-T X.691), Q.931 and TPKT.

Only what the scenes of h323_test.py need; tshark reads what comes out.
"""

import struct

H225_VERSION = bytes.fromhex("0008914a0004")
H245_VERSION = bytes.fromhex("000881750007")
ALERTING, CALL_PROCEEDING, SETUP, CONNECT = 0x01, 0x02, 0x05, 0x07
RELEASE_COMPLETE, FACILITY, INFORMATION = 0x5a, 0x62, 0x7b
# Alternatives of AudioCapability that are integers (frames), and H.323's number of each.
CODECS = {"PCMA": 1, "PCMU": 3, "G722": 5, "G729": 11}


class Per:
    def __init__(self):
        self.text = ""

    def bits(self, value, count):
        if count:
            self.text += format(value, f"0{count}b")
        return self

    def align(self):
        self.text += "0" * (-len(self.text) % 8)
        return self

    def raw(self, data):
        self.align()
        self.text += "".join(format(byte, "08b") for byte in data)
        return self

    def number(self, value, low, high):
        """A constrained whole number."""
        size = high - low + 1
        if size <= 255:
            return self.bits(value - low, (size - 1).bit_length())
        if size <= 65536:
            return self.raw((value - low).to_bytes(1 if size == 256 else 2, "big"))
        data = (value - low).to_bytes(max(1, ((value - low).bit_length() + 7) // 8), "big")
        self.number(len(data), 1, ((size - 1).bit_length() + 7) // 8)
        return self.raw(data)

    def length(self, size):
        return self.raw(bytes([size]) if size < 128 else struct.pack(">H", 0x8000 | size))

    def octets(self, data):
        return self.length(len(data)).raw(data)

    def add(self, part):
        """A value right behind this one: `part` writes it here."""
        part(self)
        return self

    def additions(self, parts):
        """The extension of a sequence: {index: writer}."""
        count = max(parts) + 1
        self.bits(count - 1, 7)
        for index in range(count):
            self.bits(int(index in parts), 1)
        for index in sorted(parts):
            self.open(parts[index])
        return self

    def open(self, writer):
        return self.octets(Per().add(writer).bytes())

    def bytes(self):
        self.align()
        data = bytes(int(self.text[at:at + 8], 2) for at in range(0, len(self.text), 8))
        return data or b"\0"


def list_of(writers):
    def write(per):
        per.length(len(writers))
        for writer in writers:
            per.add(writer)
    return write


def octets(data):
    return lambda per: per.octets(data)


def boolean(value):
    return lambda per: per.bits(int(value), 1)


def guid(data):
    return lambda per: per.bits(0, 1).raw(data)


def transport_address(address, port):
    """Of H.225.0."""
    packed = bytes(map(int, address.split(".")))
    return lambda per: per.bits(0, 4).raw(packed).number(port, 0, 65535)


def digits(number):
    def write(per):
        per.bits(0, 2).number(len(number), 1, 128).align()
        for digit in number:
            per.bits("#*,0123456789".index(digit), 4)
    return write


def h323_id(name):
    return lambda per: per.bits(1, 2).number(len(name), 1, 256).raw(name.encode("utf-16-be"))


def endpoint_type(per):
    """A terminal of a vendor."""
    per.bits(0b0_010001, 7).bits(0b000, 3)
    per.bits(0, 1).number(181, 0, 255).number(0, 0, 255).number(18, 0, 65535)
    per.bits(0b00, 2).bits(0b00, 2)


def user_information(body, additions):
    per = Per().bits(0, 2).bits(1, 1).bits(0, 1).add(body)
    return per.additions({1: boolean(2 in additions), **additions}).bytes()


def q931(kind, reference, from_caller, elements=b"", body=None, tunnelled=()):
    """With its TPKT header; `tunnelled`: H.245 messages."""
    additions = {2: list_of([octets(message) for message in tunnelled])} if tunnelled else {}
    user = b"\x05" + user_information(body, additions)
    data = (struct.pack(">BBHB", 8, 2, reference | (0 if from_caller else 0x8000), kind)
            + elements + b"\x7e" + struct.pack(">H", len(user)) + user)
    return tpkt(data)


def tpkt(data):
    return struct.pack(">BBH", 3, 0, 4 + len(data)) + data


def element(kind, data):
    return bytes([kind, len(data)]) + data


def number_elements(calling, called, display=""):
    return ((element(0x28, display.encode()) if display else b"")
            + element(0x6c, b"\x00\x80" + calling.encode())
            + element(0x70, b"\x80" + called.encode()))


def cause(number):
    return element(0x08, bytes([0x80, 0x80 | number]))


def setup(reference, call_id, conference, source=(), destination=(), fast_start=(), elements=b"",
          tunnelled=(), signal_address=None):
    def body(per):
        per.bits(0, 4)
        per.bits(1, 1).bits(0, 1).bits(int(bool(source)), 1).bits(int(bool(destination)), 1)
        per.bits(0, 4).octets(H225_VERSION)
        if source:
            per.add(list_of(source))
        per.add(endpoint_type)
        if destination:
            per.add(list_of(destination))
        per.bits(0, 1).raw(conference).bits(0, 3).bits(0, 3)
        parts = {2: guid(call_id), 7: boolean(False), 8: boolean(False)}
        if signal_address:
            parts[0] = transport_address(*signal_address)
        if fast_start:
            parts[6] = list_of([octets(message) for message in fast_start])
        per.additions(parts)
    return q931(SETUP, reference, True, elements, body, tunnelled)


def _proceeding(kind, index, reference, call_id, h245=None, fast_start=(), elements=b"",
                tunnelled=()):
    def body(per):
        per.bits(index, 4).bits(1, 1).bits(int(h245 is not None), 1).octets(H225_VERSION)
        per.add(endpoint_type)
        if h245:
            per.add(transport_address(*h245))
        parts = {0: guid(call_id)}
        if fast_start:
            parts[4] = list_of([octets(message) for message in fast_start])
        per.additions(parts)
    return q931(kind, reference, False, elements, body, tunnelled)


def call_proceeding(*arguments, **options):
    return _proceeding(CALL_PROCEEDING, 1, *arguments, **options)


def alerting(*arguments, **options):
    return _proceeding(ALERTING, 3, *arguments, **options)


def connect(reference, call_id, conference, h245=None, fast_start=(), elements=b"", tunnelled=()):
    def body(per):
        per.bits(2, 4).bits(1, 1).bits(int(h245 is not None), 1).octets(H225_VERSION)
        if h245:
            per.add(transport_address(*h245))
        per.add(endpoint_type).raw(conference)
        parts = {0: guid(call_id)}
        if fast_start:
            parts[4] = list_of([octets(message) for message in fast_start])
        per.additions(parts)
    return q931(CONNECT, reference, False, elements, body, tunnelled)


def facility(reference, from_caller, call_id, tunnelled=()):
    def body(per):
        per.bits(6, 4).bits(1, 1).bits(0, 3).octets(H225_VERSION)
        per.bits(0, 1).bits(3, 2)  # undefinedReason
        per.additions({0: guid(call_id)})
    return q931(FACILITY, reference, from_caller, element(0x1c, b""), body, tunnelled)


def information(reference, from_caller, call_id, keypad):
    def body(per):
        per.bits(4, 4).bits(1, 1).octets(H225_VERSION).additions({0: guid(call_id)})
    return q931(INFORMATION, reference, from_caller, element(0x2c, keypad.encode()), body)


def release_complete(reference, from_caller, call_id, cause_number):
    def body(per):
        per.bits(5, 4).bits(1, 1).bits(0, 1).octets(H225_VERSION).additions({0: guid(call_id)})
    return q931(RELEASE_COMPLETE, reference, from_caller, cause(cause_number), body)


def unicast(address, port):
    """TransportAddress of H.245."""
    packed = bytes(map(int, address.split(".")))
    return lambda per: per.bits(0, 2).bits(0, 4).bits(0, 1).raw(packed).number(port, 0, 65535)


def audio(codec):
    return lambda per: per.bits(0, 1).bits(CODECS[codec], 4).number(20, 1, 256)


def capability_set(sequence, codec=None, event_type=None):
    """Of one audio codec and telephone-events; an empty one without a codec."""
    per = Per().bits(0, 3).bits(0, 1).bits(2, 4)
    per.bits(0, 1).bits(0, 1).bits(int(codec is not None), 1).bits(0, 1)
    per.number(sequence, 0, 255).octets(H245_VERSION)
    if codec is not None:
        per.number(1 + int(event_type is not None), 1, 256)
        per.bits(1, 1).number(1, 1, 65535).bits(0, 1).bits(4, 4).add(audio(codec))
        if event_type is not None:
            per.bits(1, 1).number(2, 1, 65535).bits(1, 1).bits(10, 7)
            per.open(lambda inner: inner.bits(0, 1).number(event_type, 96, 127).octets(b"0-16"))
    return per.bytes()


def _parameters(media, control):
    """H2250LogicalChannelParameters, session 1."""
    def write(per):
        per.bits(0, 1).bits(0, 2).bits(int(media is not None), 1).bits(0, 1)
        per.bits(int(control is not None), 1).bits(0, 5)
        per.number(1, 0, 255)
        for address in (media, control):
            if address is not None:
                per.add(unicast(*address))
    return write


def _data_type(codec):
    def write(per):
        if codec is None:
            per.bits(0, 1).bits(1, 3)  # nullData
        elif codec == "T38":
            per.bits(0, 1).bits(4, 3).bits(0, 1).bits(1, 1).bits(2, 7)
            per.open(lambda inner: inner.bits(1, 1).bits(6, 7).open(lambda _: None)
                     .bits(0, 1).bits(0, 3))
            per.number(144, 0, 4294967295)
        else:
            per.bits(0, 1).bits(3, 3).add(audio(codec))
    return write


def _open(per, channel, forward, reverse):
    """`forward`, `reverse`: (codec, media, control), or None."""
    per.bits(0, 1).bits(int(reverse is not None), 1).number(channel, 1, 65535)
    per.bits(0, 1).bits(0, 1)
    codec, media, control = forward if forward else (None, None, None)
    per.add(_data_type(codec)).bits(1, 1)
    if forward:
        per.bits(0, 7).open(_parameters(media, control))
    else:
        per.bits(1, 7).open(lambda _: None)  # none
    if reverse is not None:
        codec, media, control = reverse
        per.bits(0, 1).bits(1, 1).add(_data_type(codec)).bits(1, 1).bits(0, 7)
        per.open(_parameters(media, control))
    return per.bytes()


def fast_start(channel, forward=None, reverse=None):
    return _open(Per(), channel, forward, reverse)


def open_channel(channel, forward=None, reverse=None):
    return _open(Per().bits(0, 3).bits(0, 1).bits(3, 4), channel, forward, reverse)


def open_ack(channel, media, control):
    def parameters(per):
        per.bits(0, 1).bits(0, 1).bits(0b0_0110, 5)
        per.add(unicast(*media)).add(unicast(*control))
    per = Per().bits(1, 3).bits(0, 1).bits(5, 5).bits(1, 1).bits(0, 1).number(channel, 1, 65535)
    return per.additions({1: parameters}).bytes()


def close_channel(channel):
    per = Per().bits(0, 3).bits(0, 1).bits(4, 4).bits(0, 1).number(channel, 1, 65535)
    return per.bits(0, 1).bytes()


def user_input(key):
    per = Per().bits(3, 3).bits(0, 1).bits(13, 4).bits(1, 1).bits(1, 7)
    return per.open(lambda inner: inner.bits(0, 1).bits(0, 2).bits(ord(key), 8)).bytes()


def alphanumeric(text):
    return Per().bits(3, 3).bits(0, 1).bits(13, 4).bits(0, 1).bits(1, 1).octets(
        text.encode()).bytes()


def end_session():
    return Per().bits(2, 3).bits(0, 1).bits(5, 3).bits(0, 1).bits(1, 2).bytes()


def admission_request(sequence, call_id, conference, caller, callee):
    """Of RAS: a datagram."""
    per = Per().bits(9, 6).bits(1, 1).bits(0b0100000, 7).number(sequence, 1, 65535).bits(0, 3)
    per.number(2, 1, 128).raw("e1".encode("utf-16-be"))
    per.add(list_of([digits(callee)])).add(list_of([digits(caller)]))
    per.number(640, 0, 4294967295).number(7, 0, 65535).raw(conference).bits(0, 2)
    return per.additions({0: boolean(False), 1: guid(call_id)}).bytes()
