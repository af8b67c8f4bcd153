"""Mirrors, sick and well, and what the doctor is to say of each.

Each case is one capture (span_captures.py), or one for each of two sensors.
"""

import struct

import span_captures as span
from span_captures import A, B, C, D, GATEWAY, MS, PBX, START_NS, Call, Capture

CASES = []


def case(*expected):
    """Registers a function that makes {sensor: Capture}; `expected` are kinds of verdicts."""
    def register(make):
        CASES.append((make.__name__, make, sorted(expected)))
        return make
    return register


@case()
def clean():
    return {"s1": span.clean()}


@case()
def clean_over_two_sensors():
    return {"s1": span.clean(), "s2": span.clean().shift(2 * MS)}


@case()
def a_call_that_nobody_answers():
    capture = Capture()
    call = Call(capture, "clean", A, B).signalling().both_speak()
    missed = Call(capture, "missed", C, A, start_ms=1000)
    for n in range(3):
        missed.message(missed.start_ns + n * 500 * MS, C, PBX, "INVITE sip:101@10.0.0.101 SIP/2.0",
                       "i", "INVITE", span.sdp(C))
        missed.message(missed.start_ns + n * 500 * MS + 5 * MS, PBX, C, "SIP/2.0 486 Busy Here",
                       "i", "INVITE", to_tag=";tag=x")
    return {"s1": call.capture}


@case()
def a_quiet_night():
    """Nobody calls; phones register, and are found by ARP."""
    capture = span.chatter(Capture(), 30)
    for minute, phone in enumerate((A, B, C)):
        time_ns = START_NS + minute * 10_000 * MS
        register = Call(capture, f"register{phone.number}", phone, phone)
        register.message(time_ns, phone, PBX, "REGISTER sip:10.0.0.10 SIP/2.0", "r", "REGISTER",
                         more=(f"Contact: <sip:{phone.number}@{phone.address}:5060>;expires=60",
                               f"User-Agent: Phone of {phone.number}"))
        register.message(time_ns + MS, PBX, phone, "SIP/2.0 200 OK", "r", "REGISTER",
                         to_tag=";tag=x")
    return {"s1": capture}


@case()
def a_call_on_hold_all_the_time():
    capture = Capture()
    Call(capture, "spoken", A, B).signalling().both_speak()
    Call(capture, "held", C, D, start_ms=500, caller_direction="inactive",
         callee_direction="inactive").signalling()
    return {"s1": capture}


@case()
def a_call_hung_up_at_once():
    capture = Capture()
    Call(capture, "spoken", A, B).signalling().both_speak()
    Call(capture, "wrong", C, D, start_ms=500, seconds=1).signalling()
    return {"s1": capture}


@case("NO_SPAN_SESSION")
def no_span_session():
    capture = span.chatter(Capture())
    # A frame flooded while the switch learns.
    capture.udp(START_NS, B, 53, C, 40000, b"\0" * 30)
    return {"s1": capture}


@case("NOTHING_RECEIVED")
def nothing_received():
    return {"s1": Capture()}


@case("NO_VOIP")
def no_voip():
    capture = span.chatter(Capture(), 5)
    for n in range(300):
        capture.tcp(START_NS + n * 100 * MS, A, 40000, GATEWAY, 443, b"x" * 400, n * 400)
        capture.udp(START_NS + n * 100 * MS, GATEWAY, 53, B, 40000, b"\0" * 60)
    return {"s1": capture}


@case("ONE_DIRECTION")
def one_direction_from_the_pbx():
    return {"s1": span.clean().keep(span.sent_by(PBX))}


@case("ONE_DIRECTION")
def one_direction_from_a_phone():
    return {"s1": span.clean().keep(span.sent_by(A))}


@case("ONE_DIRECTION")
def one_direction_to_a_phone():
    return {"s1": span.clean().keep(span.sent_to(B))}


@case("EVERYTHING_TWICE")
def everything_twice():
    return {"s1": span.clean().double()}


@case("SOME_FLOWS_TWICE")
def some_flows_twice():
    capture = Capture()
    Call(capture, "inside", A, B).signalling().both_speak()
    Call(capture, "outside", C, GATEWAY, start_ms=300).signalling().both_speak()
    by_uplink = {span.mac("02:10:00:00:00:01")}
    return {"s1": capture.double(
        lambda frame: frame[:6] not in by_uplink and frame[6:12] not in by_uplink)}


@case("MEDIA_NEVER_SEEN", "MEDIA_NEVER_SEEN")
def media_never_seen():
    capture = Capture()
    Call(capture, "seen", A, B).signalling().both_speak()
    Call(capture, "unseen", C, D, start_ms=500, vlans=(100,)).signalling()
    return {"s1": capture}


@case("CALLS_WITHOUT_MEDIA")
def calls_without_media():
    capture = Capture()
    Call(capture, "one", A, B).signalling()
    Call(capture, "two", C, D, start_ms=500).signalling()
    return {"s1": capture}


@case()
def media_seen_by_the_other_sensor():
    return {"s1": span.clean().keep(lambda frame: not span.is_rtp(frame)),
            "s2": span.clean().keep(span.is_rtp)}


@case()
def the_two_halves_of_a_tap():
    return {"s1": span.clean().keep(span.sent_by(A)), "s2": span.clean().keep(span.sent_to(A))}


@case("MEDIA_NEVER_SEEN", "MEDIA_NEVER_SEEN")
def two_forgotten_phones():
    """What the PBX says to them is seen, they are not."""
    capture = Capture()
    Call(capture, "seen", A, B).signalling().both_speak()
    Call(capture, "unseen", C, D, start_ms=500).signalling().both_speak()
    return {"s1": capture.keep(span.sent_by(A, B, PBX))}


@case("PORT_NOT_MIRRORED")
def port_not_mirrored_by_rtcp():
    capture = Capture()
    call = Call(capture, "oneway", A, B).signalling()
    call.speech(A, B)
    # A does hear B: RTCP says so.
    call.rtcp(A, B, heard=True)
    return {"s1": capture}


@case("PORT_NOT_MIRRORED")
def port_probably_not_mirrored():
    capture = Capture()
    Call(capture, "oneway", A, B).signalling().speech(A, B)
    return {"s1": capture}


@case("SILENT_PARTY")
def silent_by_rtcp():
    capture = Capture()
    call = Call(capture, "silent", A, B).signalling()
    call.speech(A, B)
    call.rtcp(A, B, heard=False)
    return {"s1": capture}


@case("SILENT_PARTY")
def silent_but_heard_elsewhere():
    capture = Capture()
    Call(capture, "spoken", A, B).signalling().both_speak()
    Call(capture, "mute", A, B, start_ms=10_000).signalling().speech(A, B)
    return {"s1": capture}


@case()
def one_way_because_sdp_says_so():
    capture = Capture()
    Call(capture, "paging", A, B, callee_direction="recvonly").signalling().speech(A, B)
    return {"s1": capture}


@case("SPAN_OVERSUBSCRIBED")
def oversubscribed_by_the_receivers_account():
    capture = Capture()
    call = Call(capture, "bursts", A, B, seconds=20).signalling()
    call.speech(A, B, keep=lambda n: n % 20 != 7)
    call.speech(B, A)
    call.rtcp(B, A, heard=True, lost=0)
    return {"s1": capture}


@case("SPAN_OVERSUBSCRIBED")
def oversubscribed_by_another_sensor():
    whole = Capture()
    Call(whole, "bursts", A, B, seconds=20).signalling().both_speak()
    poor = Capture()
    call = Call(poor, "bursts", A, B, seconds=20).signalling()
    call.speech(A, B, keep=lambda n: n % 20 != 7)
    call.speech(B, A)
    # Behind the first switch: only its own phone's signalling.
    far = whole.shift(MS).keep(lambda frame: span.is_rtp(frame) or
                               B.mac in (frame[:6], frame[6:12]))
    near = poor.keep(lambda frame: span.is_rtp(frame) or A.mac in (frame[:6], frame[6:12]))
    return {"s1": near, "s2": far}


@case()
def loss_that_the_receiver_has_too():
    capture = Capture()
    call = Call(capture, "lossy", A, B, seconds=20).signalling()
    call.speech(A, B, keep=lambda n: n % 20 != 7)
    call.speech(B, A)
    call.rtcp(B, A, heard=True, lost=50)
    return {"s1": capture}


@case("MERGED_FRAMES")
def merged_frames():
    capture = span.clean()
    merged = Call(capture, "long", A, B, start_ms=9000, padding=2500)
    merged.message(merged.start_ns, A, PBX, "OPTIONS sip:10.0.0.10 SIP/2.0", "o", "OPTIONS")
    return {"s1": capture}


@case("FRAMES_CUT")
def frames_cut():
    capture = span.clean()
    long = Call(capture, "long", A, B, start_ms=9000, padding=900)
    long.message(long.start_ns, A, PBX, "OPTIONS sip:10.0.0.10 SIP/2.0", "o", "OPTIONS")
    entry = capture.frames[-1]
    entry[1] = entry[1][:600]
    return {"s1": capture}


@case("PARTIAL_CHECKSUMS")
def partial_checksums():
    capture = Capture()
    Call(capture, "local", A, B).signalling().both_speak(sums="partial")
    return {"s1": capture}


@case("BAD_CHECKSUMS")
def bad_checksums():
    capture = Capture()
    Call(capture, "damaged", A, B).signalling().both_speak(sums="bad")
    return {"s1": capture}


@case("UNDECODED_TUNNEL")
def undecoded_tunnel():
    capture = span.clean()
    for n in range(50):
        # PPTP: PPP in GRE of version 1.
        capture.ip(START_NS + n * 20 * MS, GATEWAY, PBX, 47,
                   struct.pack(">HHHHI", 0x3001, 0x880b, 28, 1, n) + bytes(28))
    return {"s1": capture}


@case()
def tunnel_that_is_opened():
    capture = span.clean()
    for n in range(50):
        capture.ip(START_NS + n * 20 * MS, GATEWAY, PBX, 4,
                   struct.pack(">BBHHHBBH", 0x45, 0, 40, n, 0, 64, 6, 0) + bytes(28))
    return {"s1": capture}


@case("TAGS_TOO_DEEP")
def tags_too_deep():
    capture = span.clean()
    for n in range(20):
        capture.udp(START_NS + n * 20 * MS, A, 4000, B, 4002, b"\0" * 100, vlans=(1, 2, 3, 4, 5))
    return {"s1": capture}


@case()
def tags_that_are_followed():
    capture = Capture()
    Call(capture, "tagged", A, B, vlans=(100,)).signalling().both_speak()
    return {"s1": capture}


@case("FILTER_TOO_NARROW")
def filter_too_narrow():
    capture = span.clean()
    for n in range(5):
        ports = struct.pack(">HHHH", 5060, 5060, 3000, 0)
        capture.ip(START_NS + n * 100 * MS, A, PBX, 17, ports + b"x" * 1472, fragment=0x2000)
    return {"s1": capture}


@case("SIP_ON_OTHER_PORT")
def sip_on_another_port():
    capture = Capture()
    Call(capture, "odd", A, B, port=5080).signalling().both_speak()
    return {"s1": capture}


@case("CLOCK_OFF")
def clock_off():
    return {"s1": span.clean(), "s2": span.clean().shift(35 * 60 * 1000 * MS)}


@case("ENCRYPTED_MEDIA")
def encrypted_media():
    capture = Capture()
    Call(capture, "secret", A, B, encrypted=True).signalling().both_speak()
    return {"s1": capture}


@case("ENCRYPTED_SIGNALLING")
def encrypted_signalling():
    capture = span.clean()
    for n in range(20):
        record = struct.pack(">BHH", 23, 0x0303, 200) + b"\x5a" * 200
        capture.tcp(START_NS + n * 100 * MS, C, 40000, PBX, 5061, record, n * 205)
    return {"s1": capture}
