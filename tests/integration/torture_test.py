"""Messages made to break SIP parsers: RFC 4475 and RFC 5118, one call frame each.

A recorder answers nobody, so it does not refuse: what can be read of a message is kept, and
an INVITE is a call, also where an element that takes part in it would have to refuse. Prints
a row for each message (the table of docs/conformance.md): what the RFC says of it, and what
became of it.
"""

import struct

import harness
from torture_messages import BAD, KEPT, NOT_SIP, RFC4475, RFC5118, made

MINUTE = 60_000_000_000
START = 1_700_000_000_000_000_000
MESSAGES_OF_RFC4475 = 49


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


def messages(report):
    """[(RFC, section, name, what it is, bytes, what becomes of it)]"""
    folder = harness.SHARED / "captures/torture/rfc4475"
    published = {path.stem: path.read_bytes() for path in folder.glob("*.dat")}
    ours = made()
    report.equal(len({name for _, name, *_ in RFC4475}), MESSAGES_OF_RFC4475, "messages of RFC 4475")
    report.equal(set(published) - {name for _, name, *_ in RFC4475}, set(), "files that nobody expects")
    table = []
    for section, name, kind, becomes in RFC4475:
        payload = published.get(name) or ours.get(name)
        if payload:
            table.append((4475, section, name, kind, payload, becomes))
        else:
            report.expect(not folder.is_dir(), f"{name}.dat is not in {folder}")
    if not folder.is_dir():
        print(f"{folder} is not there: only {len(ours)} messages of RFC 4475, those that are made here")
    table += [(5118, *entry) for entry in RFC5118]
    return table


def became(name, points, calls):
    """What the collector says of the capture that holds this message alone."""
    report = points[name]["report"]
    discarded = report.get("discarded", {})
    if discarded == {"not_sip": "1"}:
        return NOT_SIP
    if discarded not in ({}, {"bad_sip": "1"}):
        return f"discarded: {discarded}"
    mine = [call for call in calls
            if any(seen["capturePoint"] == name for leg in call["legs"]
                   for seen in leg["observations"])]
    if not mine:
        kept = report["census"].get("sipMessages") == "1"
        return "lost" if not kept else BAD if discarded else KEPT
    if len(mine) > 1 or discarded:
        return f"{len(mine)} calls, discarded: {discarded}"
    return mine[0].get("caller"), mine[0].get("callee")


def main():
    options = harness.arguments()
    report = harness.Report()
    report.case = "messages"
    table = messages(report)
    with harness.System(options.bin) as system:
        files = [capture(system.dir / f"{number:03}.pcap", payload, START + number * MINUTE)
                 for number, (*_, payload, _) in enumerate(table)]
        system.replay({"s1": files})
        calls = system.calls()
        [sensor] = system.json_lines("sensors", "list")
        points = {point["capturePoint"]["name"]: point for point in sensor["capturePoints"]}
        for file, (rfc, section, name, kind, _, becomes) in zip(files, table):
            report.case = f"RFC {rfc}, {section} {name}"
            got = became(file.name, points, calls)
            report.equal(got, becomes, kind)
            shown = got if isinstance(got, str) else f"call of {got[0][:23]} to {got[1]}"
            print(f"| {rfc}, {section} | {name} | {kind} | {shown} |")
    report.finish()


main()
