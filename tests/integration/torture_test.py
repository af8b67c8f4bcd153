"""Messages made to break SIP parsers: RFC 4475 and RFC 5118, one call frame each.

A recorder answers nobody, so it does not refuse: what can be read of a message is kept, and
an INVITE is a call, also where an element that takes part in it would have to refuse. Prints
a row for each message: what the RFC says of it, and what became of it.
"""

import struct

import harness

MINUTE = 60_000_000_000
START = 1_700_000_000_000_000_000

# What becomes of a message: a call (caller, callee), a message that is kept and no call, or
# something that is not SIP.
KEPT = "kept, no call"
NOT_SIP = "counted as not SIP"

# Message of RFC 4475: (what it is, what becomes of it).
RFC4475 = {
    "wsinv": ("valid: folded, compact, odd blanks", ("jdrosen", "vivekg")),
    "intmeth": ("valid: every character that a method may have", KEPT),
    "esc01": ("valid: escapes in URIs", ("I have spaces", "user")),
    "escnull": ("valid: an escaped null", KEPT),
    "esc02": ("valid: what looks like an escape in a method", KEPT),
    "lwsdisp": ("valid: no blank before <", KEPT),
    "longreq": ("valid: long values", (
        "amazinglylongcallername" * 5, "user")),
    "semiuri": ("valid: a semicolon in the user part", KEPT),
    "transports": ("valid: unknown transports", KEPT),
    "badinv01": ("invalid: odd separators in Contact and Via", ("caller", "j.user")),
    "ncl": ("invalid: negative Content-Length", ("caller", "j.user")),
    "scalar02": ("invalid: numbers too large", KEPT),
    "ltgtruri": ("invalid: <> around the Request-URI", ("caller", "user")),
    "lwsruri": ("invalid: blanks in the Request-URI", ("caller", "user")),
    "baddate": ("invalid: a date that is not in GMT", ("caller", "user")),
    "badaspec": ("invalid: an URI that needs <>", KEPT),
    "baddn": ("invalid: a display name that needs quotes", KEPT),
    "badvers": ("an unknown version of SIP", NOT_SIP),
    "mismatch01": ("invalid: CSeq names another method", KEPT),
    "badbranch": ("a branch that is the magic cookie alone", KEPT),
    "novelsc": ("an unknown scheme in the Request-URI", KEPT),
    "unksm2": ("an unknown scheme in From, To and Contact", KEPT),
    "bext01": ("an unknown Require", KEPT),
    "regaut01": ("an unknown scheme of authorization", KEPT),
    "mcl01": ("several Content-Lengths", KEPT),
    # Its INVITE was not seen.
    "bcast": ("a 200 of which no one is the receiver", ("user", "user")),
    "cparam01": ("a parameter of an URI, or of Contact", KEPT),
    "regescrt": ("escaped headers in Contact", KEPT),
    "inv2543": ("valid in RFC 2543: no branch, no tag", ("+13035551111", "+16505552222")),
}


def request(method, uri, *headers, body=""):
    lines = [f"{method} {uri} SIP/2.0", *headers, f"Content-Length: {len(body)}", "", body]
    return "\r\n".join(lines).encode()


def headers(method, number, via="[2001:db8::9:1]", contact="<sip:caller@[2001:db8::1]>"):
    return [f"Via: SIP/2.0/UDP {via};branch=z9hG4bK{number}", "Max-Forwards: 70",
            f"From: <sip:caller@example.com>;tag={number}", "To: <sip:user@example.com>",
            f"Call-ID: v6-{number}", f"CSeq: 1 {method}", f"Contact: {contact}"]


def sdp(*media):
    return "\r\n".join(["v=0", "o=x 1 1 IN IP6 2001:db8::20", "s=-", "t=0 0", *media, ""])


CALL = ("caller", "user")
SDP = "Content-Type: application/sdp"
# Made after the sections of RFC 5118: (what it is, the message, what becomes of it).
RFC5118 = {
    "4.1": ("valid: IPv6 references",
            request("REGISTER", "sip:[2001:db8::10]", *headers("REGISTER", 1)), KEPT),
    "4.2": ("invalid: no brackets",
            request("REGISTER", "sip:2001:db8::10", *headers("REGISTER", 2)), KEPT),
    "4.3": ("valid: a port that is part of the address",
            request("REGISTER", "sip:[2001:db8::10:5070]", *headers("REGISTER", 3)), KEPT),
    "4.4": ("valid: a port behind the reference",
            request("REGISTER", "sip:[2001:db8::10]:5070", *headers("REGISTER", 4)), KEPT),
    "4.5": ("valid: received with an address in brackets",
            request("BYE", "sip:[2001:db8::10]",
                    *headers("BYE", 5, "[2001:db8::9:1];received=[2001:db8::9:255]")), CALL),
    "4.5 (b)": ("valid: received without brackets",
                request("OPTIONS", "sip:[2001:db8::10]",
                        *headers("OPTIONS", 6, "[2001:db8::9:1];received=2001:db8::9:255")), KEPT),
    "4.6": ("valid: SDP with IPv6",
            request("INVITE", "sip:user@[2001:db8::10]", *headers("INVITE", 7), SDP,
                    body=sdp("c=IN IP6 2001:db8::20", "m=audio 42000 RTP/AVP 0")), CALL),
    "4.7": ("valid: received of both kinds in several Via",
            request("INVITE", "sip:user@[2001:db8::10]", *headers("INVITE", 8),
                    "Via: SIP/2.0/UDP 192.0.2.1;received=192.0.2.255;branch=z9hG4bKx"), CALL),
    "4.8": ("valid: SDP with both kinds of addresses",
            request("INVITE", "sip:user@[2001:db8::10]", *headers("INVITE", 9), SDP,
                    body=sdp("m=audio 42000 RTP/AVP 0", "c=IN IP4 192.0.2.20",
                             "m=video 43000 RTP/AVP 31", "c=IN IP6 2001:db8::20")), CALL),
    "4.9": ("valid: an IPv4 address mapped into IPv6",
            request("INVITE", "sip:user@[::ffff:192.0.2.10]",
                    *headers("INVITE", 10, "[::ffff:192.0.2.2]:19823",
                             "<sip:caller@[::ffff:192.0.2.2]:19823>"), SDP,
                    body=sdp("c=IN IP6 ::ffff:192.0.2.2", "m=audio 42000 RTP/AVP 0")), CALL),
    "4.10": ("a reference that was written with three colons",
             request("OPTIONS", "sip:user@[2001:db8:::192.0.2.1]", *headers("OPTIONS", 11)), KEPT),
}


def capture(path, payload, time_ns):
    """One datagram between ports 5060."""
    udp = struct.pack(">HHHH", 5060, 5060, 8 + len(payload), 0) + payload
    ip = struct.pack(">BBHHHBBH4s4s", 0x45, 0, 20 + len(udp), 1, 0, 64, 17, 0,
                     bytes([192, 0, 2, 1]), bytes([192, 0, 2, 2])) + udp
    frame = bytes(12) + b"\x08\x00" + ip
    path.write_bytes(struct.pack("<IHHiIII", 0xa1b23c4d, 2, 4, 0, 0, 262144, 1)
                     + struct.pack("<IIII", time_ns // 10**9, time_ns % 10**9,
                                   len(frame), len(frame)) + frame)
    return path


def messages(folder):
    """{name: (what it is, bytes, what becomes of it)}"""
    found = {f"RFC 4475 {name}": (kind, path.read_bytes(), becomes)
             for name, (kind, becomes) in RFC4475.items()
             if (path := folder / f"{name}.dat").exists()}
    found.update({f"RFC 5118 {section}": entry for section, entry in RFC5118.items()})
    return found


def became(name, points, calls):
    """What the collector says of the capture that holds this message alone."""
    report = points[name]["report"]
    if report.get("discarded", {}) == {"not_sip": "1"}:
        return NOT_SIP
    if report.get("discarded"):
        return f"discarded: {report['discarded']}"
    mine = [call for call in calls
            if any(seen["capturePoint"] == name for leg in call["legs"]
                   for seen in leg["observations"])]
    if not mine:
        return KEPT if report["census"].get("sipMessages") == "1" else "lost"
    return (mine[0].get("caller"), mine[0].get("callee")) if len(mine) == 1 else "several calls"


def main():
    options = harness.arguments()
    report = harness.Report()
    table = messages(harness.shared("captures") / "torture/rfc4475")
    with harness.System(options.bin) as system:
        files = {}
        for number, (name, (_, payload, _)) in enumerate(table.items()):
            path = system.dir / f"{number:03}.pcap"
            files[name] = capture(path, payload, START + number * MINUTE)
        system.replay({"s1": list(files.values())})
        calls = system.calls()
        [sensor] = system.json_lines("sensors", "list")
        points = {point["capturePoint"]["name"]: point for point in sensor["capturePoints"]}
        for name, (kind, _, becomes) in table.items():
            report.case = name
            got = became(files[name].name, points, calls)
            report.equal(got, becomes, kind)
            shown = got if isinstance(got, str) else f"call of {got[0][:23]} to {got[1]}"
            print(f"| {name} | {kind} | {shown} |")
    report.finish()


main()
