"""Messages made to break SIP parsers: what each is, and what becomes of it.

Of RFC 4475, 29 are read as published from the shared captures. The other 20, and those of RFC 5118,
are made here after what their sections describe. They are in the order of the sections.
"""

# What becomes of a message: a call (caller, callee), or one of these.
KEPT = "kept, no call"
# Without Call-ID, From, To or CSeq it is of no dialog.
BAD = "kept, no call, counted as bad_sip"
NOT_SIP = "counted as not_sip"


def request(method, uri, *headers, body="", blanks=(" ", " ", "")):
    """Lines of a request; Content-Length is right unless `headers` has one."""
    first = f"{method}{blanks[0]}{uri}{blanks[1]}SIP/2.0{blanks[2]}"
    return message(first, *headers, body=body)


def message(first, *headers, body=""):
    body = body.encode() if isinstance(body, str) else body
    lines = [first, *headers]
    if not any(line.lower().startswith(("content-length", "l:")) for line in headers):
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join([*lines, "", ""]).encode() + body


def without(lines, *names):
    return [line for line in lines if line.partition(":")[0] not in names]


def changed(lines, name, value):
    return [f"{name}: {value}" if line.partition(":")[0] == name else line for line in lines]


def headers(method, name, host="198.51.100.7", via=None, contact=None):
    """What each request and response has."""
    return [f"Via: SIP/2.0/UDP {via or host};branch=z9hG4bK{name}", "Max-Forwards: 70",
            f"From: <sip:caller@example.com>;tag={name}", "To: <sip:user@example.com>",
            f"Call-ID: {name}@example.com", f"CSeq: 1 {method}",
            f"Contact: {contact or f'<sip:caller@{host}>'}"]


def sdp(*media, family="IP4", host="198.51.100.7"):
    return "\r\n".join(["v=0", f"o=x 1 1 IN {family} {host}", "s=-", *media, ""])


def to_user(name, *more, uri="sip:user@example.com", lines=None, **how):
    """An INVITE with SDP."""
    return request("INVITE", uri, *(lines or headers("INVITE", name)), SDP, *more, body=AUDIO, **how)


SDP = "Content-Type: application/sdp"
AUDIO = sdp("c=IN IP4 198.51.100.7", "t=0 0", "m=audio 41000 RTP/AVP 0")
CALL = ("caller", "user")


def multipart():
    """Text, and what is no text: zeros, line ends alone, all byte values, as a signature has."""
    parts = [b"Content-Type: text/plain\r\nContent-Transfer-Encoding: binary\r\n\r\nGood evening",
             b"Content-Type: application/octet-stream\r\nContent-Transfer-Encoding: binary\r\n\r\n"
             + bytes(range(256)) + b"\0\r\n\n\n--7a9c"]
    body = b"".join(b"--7a9cbec02ceef655\r\n" + part + b"\r\n" for part in parts)
    return request("MESSAGE", "sip:kumiko@example.org", *headers("MESSAGE", "mpart01"),
                   "Content-Type: multipart/mixed; boundary=7a9cbec02ceef655",
                   body=body + b"--7a9cbec02ceef655--\r\n")


def response(first, method, name, *more, body=""):
    lines = without(headers(method, name), "Max-Forwards")
    return message(first, *changed(lines, "To", "<sip:user@example.com>;tag=b"), *more, body=body)


def twice():
    """All that there may be one of, twice."""
    lines = headers("INVITE", "multi01")
    again = ["CSeq: 9 INVITE", "Call-ID: another@example.com", "Max-Forwards: 5",
             "From: <sip:somebody@example.com>;tag=x", "To: <sip:else@example.net>", SDP]
    return request("INVITE", "sip:user@example.com", *lines, SDP, *again, body=AUDIO)


def made():
    """{name: message} of RFC 4475 that the shared captures lack."""
    register = headers("REGISTER", "r")
    options = headers("OPTIONS", "o")
    return {
        "dblreq": request("REGISTER", "sip:example.com", *headers("REGISTER", "dblreq"))
        + b"\r\n" + to_user("dblreq2"),
        "mpart01": multipart(),
        "unreason": response("SIP/2.0 200 = 2**3 * 9/8 \u0432\u0441\u0451 \u0445\u043e\u0440\u043e\u0448\u043e \u2713",
                             "INVITE", "unreason", SDP, body=AUDIO),
        "noreason": response("SIP/2.0 100 ", "INVITE", "noreason"),
        "clerr": to_user("clerr", "Content-Length: 9999"),
        "scalarlg": message("SIP/2.0 503 Service Unavailable", *changed(
            without(options, "Max-Forwards"), "CSeq", "7" * 22 + " OPTIONS"),
            "Retry-After: " + "8" * 27, 'Warning: 1812 example "Out of range"'),
        "quotbal": to_user("quotbal", lines=changed(
            headers("INVITE", "quotbal"), "To", '"Miss A. User <sip:user@example.com>')),
        "lwsstart": to_user("lwsstart", blanks=("  ", "  ", "")),
        "trws": request("OPTIONS", "sip:user@example.com", *headers("OPTIONS", "trws"),
                        blanks=(" ", " ", "  ")),
        "escruri": to_user("escruri", uri="sip:user@example.com?Route=%3Csip:proxy.example.com%3E"),
        "regbadct": request("REGISTER", "sip:example.com", *changed(
            register, "Contact", "sip:caller@example.com?Route=%3Csip:proxy.example.com%3E")),
        "mismatch02": request("FROBNICATE", "sip:user@example.com",
                              *headers("INVITE", "mismatch02"), SDP, body=AUDIO),
        "bigcode": response("SIP/2.0 4294967301 modulo 2**32 this is 5", "INVITE", "bigcode"),
        "insuf": to_user("insuf", lines=without(
            headers("INVITE", "insuf"), "Call-ID", "From", "To", "Max-Forwards", "Contact")),
        "unkscm": request("OPTIONS", "noSuchScheme:opaque", *headers("OPTIONS", "unkscm")),
        "invut": request("INVITE", "sip:user@example.com", *headers("INVITE", "invut"),
                         "Content-Type: application/x-nobody-knows", body="<audio>\r\n <pcmu/>\r\n"),
        "multi01": twice(),
        "zeromf": request("OPTIONS", "sip:user@example.com", *changed(
            headers("OPTIONS", "zeromf"), "Max-Forwards", "0")),
        "cparam02": request("REGISTER", "sip:example.com", *changed(
            register, "Contact", "<sip:+15555550100@gw.example.net;noSuchParameter>")),
        "sdp01": to_user("sdp01", "Accept: text/x-nobody-knows"),
    }


# (section, name, what the RFC says of it: whether it is valid, and what answer it expects of who
# takes part; what becomes of it)
RFC4475 = [
    ("3.1.1.1", "wsinv", "valid: folded, compact, odd blanks", ("jdrosen", "vivekg")),
    ("3.1.1.2", "intmeth", "valid: every character that a method may have", KEPT),
    ("3.1.1.3", "esc01", "valid: escapes in URIs", ("I have spaces", "user")),
    ("3.1.1.4", "escnull", "valid: an escaped null", KEPT),
    ("3.1.1.5", "esc02", "valid: what looks like an escape in a method", KEPT),
    ("3.1.1.6", "lwsdisp", "valid: no blank before <", KEPT),
    ("3.1.1.7", "longreq", "valid: long values", ("amazinglylongcallername" * 5, "user")),
    ("3.1.1.8", "dblreq", "valid: what is behind it in the datagram, an INVITE, is ignored", KEPT),
    ("3.1.1.9", "semiuri", "valid: a semicolon in the user part", KEPT),
    ("3.1.1.10", "transports", "valid: unknown transports", KEPT),
    ("3.1.1.11", "mpart01", "valid: MIME parts, one binary", KEPT),
    # The INVITEs of the responses were not seen.
    ("3.1.1.12", "unreason", "valid: = and UTF-8 in the reason of a 200", CALL),
    ("3.1.1.13", "noreason", "valid: a 100 with an empty reason", CALL),
    ("3.1.2.1", "badinv01", "invalid (400): odd separators in Contact and Via", ("caller", "j.user")),
    ("3.1.2.2", "clerr", "invalid (400): Content-Length beyond the datagram", CALL),
    ("3.1.2.3", "ncl", "invalid (400): negative Content-Length", ("caller", "j.user")),
    ("3.1.2.4", "scalar02", "invalid (400): numbers too large", KEPT),
    ("3.1.2.5", "scalarlg", "invalid (ignored): numbers too large in a response", KEPT),
    # Its display name is not known, but its URI is.
    ("3.1.2.6", "quotbal", "invalid (400, or the quote is made up): a display name whose quote does not end", CALL),
    ("3.1.2.7", "ltgtruri", "invalid (400, or lenient): <> around the Request-URI", ("caller", "user")),
    ("3.1.2.8", "lwsruri", "invalid (400): blanks in the Request-URI", ("caller", "user")),
    ("3.1.2.9", "lwsstart", "invalid (400, or lenient): two blanks in the start line", CALL),
    ("3.1.2.10", "trws", "invalid (400, or lenient): blanks behind the start line", KEPT),
    ("3.1.2.11", "escruri", "invalid (400, or without them): escaped headers in the Request-URI", CALL),
    ("3.1.2.12", "baddate", "invalid (400, or ignored): a date that is not in GMT", ("caller", "user")),
    ("3.1.2.13", "regbadct", "invalid (400, or lenient): a Contact with headers that needs <>", KEPT),
    ("3.1.2.14", "badaspec", "invalid (400, or lenient): blanks around an URI within <>", KEPT),
    ("3.1.2.15", "baddn", "invalid (400): a display name that needs quotes", KEPT),
    ("3.1.2.16", "badvers", "505: an unknown version of SIP", NOT_SIP),
    ("3.1.2.17", "mismatch01", "invalid (400): CSeq names another method", KEPT),
    ("3.1.2.18", "mismatch02", "invalid (400 or 501): the same, and the method is unknown", KEPT),
    ("3.1.2.19", "bigcode", "invalid (ignored): a status beyond 32 bits", NOT_SIP),
    ("3.2.1", "badbranch", "400, or as in RFC 2543: a branch that is the magic cookie alone", KEPT),
    ("3.3.1", "insuf", "400: an INVITE without Call-ID, From and To", BAD),
    ("3.3.2", "unkscm", "416: an unknown scheme in the Request-URI", KEPT),
    ("3.3.3", "novelsc", "416, or 404: a known scheme in the Request-URI that is not SIP's", KEPT),
    ("3.3.4", "unksm2", "unknown schemes in From, To and Contact", KEPT),
    ("3.3.5", "bext01", "420: an unknown Require", KEPT),
    ("3.3.6", "invut", "415: an INVITE with a body of unknown type", CALL),
    ("3.3.7", "regaut01", "an unknown scheme of authorization", KEPT),
    # The first of each counts.
    ("3.3.8", "multi01", "400: an INVITE with two From, To, Call-ID and CSeq", CALL),
    ("3.3.9", "mcl01", "400: several Content-Lengths", KEPT),
    ("3.3.10", "bcast", "ignored: a 200 of which no one is the receiver", ("user", "user")),
    ("3.3.11", "zeromf", "483: Max-Forwards is 0", KEPT),
    ("3.3.12", "cparam01", "a parameter of Contact", KEPT),
    ("3.3.13", "cparam02", "a parameter of the URI in Contact", KEPT),
    ("3.3.14", "regescrt", "escaped headers in Contact", KEPT),
    ("3.3.15", "sdp01", "406: an INVITE that accepts no SDP", CALL),
    ("3.4.1", "inv2543", "valid in RFC 2543: no branch, no tag", ("+13035551111", "+16505552222")),
]


def v6(method, number, via="[2001:db8::9:1]", contact="<sip:caller@[2001:db8::1]>"):
    return headers(method, f"v6-{number}", via=via, contact=contact)


def sdp6(*media):
    return sdp("t=0 0", *media, family="IP6", host="2001:db8::20")


# (section, name, what the RFC says of it, the message, what becomes of it)
RFC5118 = [
    ("4.1", "ipv6-good", "valid: IPv6 references",
     request("REGISTER", "sip:[2001:db8::10]", *v6("REGISTER", 1)), KEPT),
    ("4.2", "ipv6-bad", "invalid: no brackets",
     request("REGISTER", "sip:2001:db8::10", *v6("REGISTER", 2)), KEPT),
    ("4.3", "port-ambiguous", "valid: a port that is part of the address",
     request("REGISTER", "sip:[2001:db8::10:5070]", *v6("REGISTER", 3)), KEPT),
    ("4.4", "port-unambiguous", "valid: a port behind the reference",
     request("REGISTER", "sip:[2001:db8::10]:5070", *v6("REGISTER", 4)), KEPT),
    ("4.5", "via-received-param-with-delim", "valid: received with an address in brackets",
     request("BYE", "sip:[2001:db8::10]",
             *v6("BYE", 5, "[2001:db8::9:1];received=[2001:db8::9:255]")), CALL),
    ("4.5", "via-received-param-no-delim", "valid: received without brackets",
     request("OPTIONS", "sip:[2001:db8::10]",
             *v6("OPTIONS", 6, "[2001:db8::9:1];received=2001:db8::9:255")), KEPT),
    ("4.6", "ipv6-in-sdp", "valid: SDP with IPv6",
     request("INVITE", "sip:user@[2001:db8::10]", *v6("INVITE", 7), SDP,
             body=sdp6("c=IN IP6 2001:db8::20", "m=audio 42000 RTP/AVP 0")), CALL),
    ("4.7", "mult-ip-in-header", "valid: received of both kinds in several Via",
     request("INVITE", "sip:user@[2001:db8::10]", *v6("INVITE", 8),
             "Via: SIP/2.0/UDP 192.0.2.1;received=192.0.2.255;branch=z9hG4bKx"), CALL),
    ("4.8", "mult-ip-in-sdp", "valid: SDP with both kinds of addresses",
     request("INVITE", "sip:user@[2001:db8::10]", *v6("INVITE", 9), SDP,
             body=sdp6("m=audio 42000 RTP/AVP 0", "c=IN IP4 192.0.2.20",
                       "m=video 43000 RTP/AVP 31", "c=IN IP6 2001:db8::20")), CALL),
    ("4.9", "ipv4-mapped-ipv6", "valid: an IPv4 address mapped into IPv6",
     request("INVITE", "sip:user@[::ffff:192.0.2.10]",
             *v6("INVITE", 10, "[::ffff:192.0.2.2]:19823", "<sip:caller@[::ffff:192.0.2.2]:19823>"),
             SDP, body=sdp6("c=IN IP6 ::ffff:192.0.2.2", "m=audio 42000 RTP/AVP 0")), CALL),
    ("4.10", "ipv6-bug-abnf-3-colons", "a reference that was written with three colons",
     request("OPTIONS", "sip:user@[2001:db8:::192.0.2.1]", *v6("OPTIONS", 11)), KEPT),
]
