"""Calls by SIP over WebSocket, MGCP and SCCP: each is one call, wherever it was seen.

The captures are made here; what becomes of them is asked of the real programs.
"""

import subprocess

import harness
from protocol_calls import (COMPRESSED, FINAL, PING, SWITCHING, TEXT, UPGRADE, Connection,
                            MgcpLine, SccpPhone, speech, websocket)
from span_captures import A, B, GATEWAY, MS, PBX, START_NS, Call, Capture, Host

GATEWAY_2 = Host("0900", "10.0.0.2", "02:10:00:00:00:02", 5006)
MASK = b"\x37\xfa\x21\x3d"


class WebSocketCall(Call):
    """The caller speaks SIP over WebSocket with the PBX."""

    def __init__(self, *arguments, upgrade=True, fragments=False, **options):
        super().__init__(*arguments, **options)
        self.client = Connection(self.capture, A, 50123, PBX, 8088)
        self.server = Connection(self.capture, PBX, 8088, A, 50123)
        self.fragments = fragments
        if upgrade:
            self.client.send(self.start_ns - 20 * MS, UPGRADE)
            self.server.send(self.start_ns - 10 * MS, SWITCHING)
        else:  # The capture joins in the middle of a frame.
            self.client.send(self.start_ns - 20 * MS, b"\x11" * 700)

    def message(self, time_ns, source, destination, start_line, branch, method, body="", to_tag=""):
        if A not in (source, destination):
            super().message(time_ns, source, destination, start_line, branch, method, body, to_tag)
            return
        own, self.capture = self.capture, Capture()
        super().message(time_ns, source, destination, start_line, branch, method, body, to_tag)
        text = self.capture.frames[0][1][42:]
        self.capture = own
        mask = MASK if source is A else b""
        connection = self.client if source is A else self.server
        frames = [websocket(text, mask=mask)]
        if self.fragments:
            frames = [websocket(text[:100], TEXT, mask), websocket(b"", FINAL | PING, mask),
                      websocket(text[100:], FINAL, mask)]
        for n, frame in enumerate(frames):
            connection.send(time_ns + n * 1000, frame)


def websocket_scene(path, compressed=False, **options):
    capture = Capture()
    call = WebSocketCall(capture, "ws-1", A, B, **options)
    if compressed:
        call.server.send(call.start_ns, websocket(b"\x55" * 80, FINAL | COMPRESSED | TEXT))
    call.signalling().both_speak()
    return capture.write(path)


def check_websocket(options, report, name, **scene):
    report.case = f"websocket: {name}"
    with harness.System(options.bin) as system:
        path = websocket_scene(system.dir / "ws.pcap", **scene)
        system.replay({"s1": [path]})
        calls = system.calls()
        if not report.equal(len(calls), 1, "calls"):
            return
        call, = calls
        report.equal((call["caller"], call["callee"], call["state"], len(call["legs"]),
                      len(call["streams"])),
                     ("101", "102", "CALL_STATE_COMPLETED", 2, 2), "the call")
        messages = system.json_lines("calls", "ladder", call["id"])
        transports = [message["transport"] for message in messages]
        report.equal((transports.count("TRANSPORT_WS"), transports.count("TRANSPORT_UDP")), (6, 6),
                     "messages")
        sensor, = system.json_lines("sensors", "list")
        discarded = sensor["capturePoints"][0]["report"].get("discarded", {})
        report.equal(int(discarded.get("websocket_compressed", 0)),
                     1 if scene.get("compressed") else 0, "messages that are compressed")


def mgcp_caller(capture, peer):
    """A phone at GATEWAY dials 102, is answered by `peer` after 3 s, holds, and hangs up."""
    line = MgcpLine(capture, GATEWAY, PBX, "A1F0", 100)
    line.notify(0, "L/hd")
    for n, digit in enumerate("102"):
        line.notify(1000 + 200 * n, f"D/{digit}")
    line.create(1600, "recvonly")
    line.exchange(1700, False, "RQNT", ["X: 1", "S: G/rt"])
    line.modify(3000, "sendrecv", peer)
    line.notify(5000, "D/7")
    line.modify(6000, "inactive")
    line.modify(7000, "sendrecv")
    line.notify(9000, "L/hu")
    line.delete(9010)
    speech(capture, "mgcp", GATEWAY, peer, START_NS + 3010 * MS, 5)
    speech(capture, "mgcp", peer, GATEWAY, START_NS + 3010 * MS, 5)


def mgcp_callee(capture):
    line = MgcpLine(capture, GATEWAY_2, PBX, "A1F0", 500)
    line.create(1610, "recvonly", ["S: L/rg, L/ci(01/01/00/00,101,Alice)"])
    line.notify(2990, "L/hd")
    line.modify(2995, "sendrecv", GATEWAY)
    line.delete(9020)


def check_mgcp(options, report):
    """Two gateways, their call agent; both sensors see the caller's gateway."""
    report.case = "mgcp"
    with harness.System(options.bin) as system:
        left, right = Capture(), Capture()
        mgcp_caller(left, GATEWAY_2)
        mgcp_caller(right, GATEWAY_2)
        mgcp_callee(right)
        right.shift(1_300_000)
        system.replay({"s1": [left.write(system.dir / "left.pcap")],
                       "s2": [right.write(system.dir / "right.pcap")]})
        calls = system.calls()
        if not report.equal(len(calls), 1, "calls"):
            return
        call, = calls
        report.equal((call["callee"], call["state"], call["endReason"]),
                     ("102", "CALL_STATE_COMPLETED", "END_REASON_BYE"), "the call")
        report.equal([(leg["callId"], leg["fromTag"], len(leg["observations"]), leg["protocol"])
                      for leg in call["legs"]],
                     [("A1F0", "aaln/1@gw0800.example", 2, "SIGNALLING_PROTOCOL_MGCP"),
                      ("A1F0", "aaln/1@gw0900.example", 1, "SIGNALLING_PROTOCOL_MGCP")], "legs")
        report.equal([(stream["packets"], stream["codec"], bool(stream["legId"]),
                       len(stream["observations"])) for stream in call["streams"]],
                     [(250, "PCMA", True, 2)] * 2, "streams")
        kinds = {evidence["kind"] for evidence in call["evidence"]}
        report.expect({"EVIDENCE_KIND_SAME_DIALOG", "EVIDENCE_KIND_CONTROLLED_CALL",
                       "EVIDENCE_KIND_SDP_DESTINATION"} <= kinds, f"evidence {kinds}")
        events = system.json_lines("calls", "timeline", call["id"], "--digits")
        report.equal([event["dtmf"]["digit"] for event in events if "dtmf" in event], ["7"], "keys")
        report.equal(sum("hold" in event for event in events), 1, "holds")
        ladder = system.cli("calls", "ladder", call["id"]).stdout
        report.expect("CRCX aaln/1" in ladder and "200 OK" in ladder, f"ladder:\n{ladder}")
        check_export(report, system, call, "mgcp", 12 * 2 * 2 + 4 * 2)


def check_mgcp_and_sip(options, report):
    """The call agent goes on by SIP, to a phone that talks with the gateway directly."""
    report.case = "mgcp and sip"
    with harness.System(options.bin) as system:
        capture = Capture()
        mgcp_caller(capture, B)
        sip = Call(capture, "out", PBX, B, start_ms=2400)
        sip.end_ns = START_NS + 9015 * MS
        # The SDP of the gateway, which the agent passed on.
        onward = Host(PBX.number, GATEWAY.address, "02:10:00:00:00:01", GATEWAY.rtp_port)
        sip.caller = PBX
        for time_ns, near, far, line, method, host in (
                (0, PBX, B, "INVITE sip:102@10.0.0.102 SIP/2.0", "INVITE", onward),
                (30, B, PBX, "SIP/2.0 180 Ringing", "INVITE", None),
                (500, B, PBX, "SIP/2.0 200 OK", "INVITE", B),
                (510, PBX, B, "ACK sip:102@10.0.0.102 SIP/2.0", "ACK", None),
                (6610, PBX, B, "BYE sip:102@10.0.0.102 SIP/2.0", "BYE", None),
                (6620, B, PBX, "SIP/2.0 200 OK", "BYE", None)):
            body = "" if host is None else MgcpLine.sdp(host)
            tag = "" if line.startswith("INVITE") else ";tag=b"
            sip.message(sip.start_ns + time_ns * MS, near, far, line, method[0], method, body, tag)
        system.replay({"s1": [capture.write(system.dir / "both.pcap")]})
        calls = system.calls()
        if not report.equal(len(calls), 1, "calls"):
            return
        call, = calls
        report.equal([leg["protocol"] for leg in call["legs"]],
                     ["SIGNALLING_PROTOCOL_MGCP", "SIGNALLING_PROTOCOL_SIP"], "legs")
        report.equal(len(call["streams"]), 2, "streams")


def check_sccp(options, report):
    report.case = "sccp"
    with harness.System(options.bin) as system:
        capture = Capture()
        caller = SccpPhone(capture, A, PBX, 7001)
        callee = SccpPhone(capture, B, PBX, 7002, port=50001)
        caller.send(caller.up, 0, 0x1, b"SEP021000000101".ljust(16, b"\0") + bytes(20), version=0)
        caller.state(100, caller.OFF_HOOK)
        for n, digit in enumerate((1, 0, 2)):
            caller.key(500 + n * 100, digit)
        caller.state(800, caller.PROCEED)
        callee.state(810, callee.RING_IN)
        callee.call_info(811, 1, "101", "102")
        caller.call_info(812, 2, "101", "102")
        caller.state(820, caller.RING_OUT)
        callee.state(3000, callee.CONNECTED)
        caller.state(3001, caller.CONNECTED)
        caller.open(3002, B)
        callee.open(3003, A)
        speech(capture, "sccp", A, B, START_NS + 3020 * MS, 3)
        speech(capture, "sccp", B, A, START_NS + 3020 * MS, 3)
        caller.key(4000, 15)
        caller.close(6100)
        caller.state(6102, caller.HOLD)
        caller.state(7000, caller.CONNECTED)
        caller.open(7001, B)
        for phone in (caller, callee):
            phone.close(9000)
            phone.state(9010, phone.ON_HOOK)
        system.replay({"s1": [capture.write(system.dir / "sccp.pcap")]})
        calls = system.calls()
        if not report.equal(len(calls), 1, "calls"):
            return
        call, = calls
        report.equal((call["caller"], call["callee"], call["state"], call["endReason"]),
                     ("101", "102", "CALL_STATE_COMPLETED", "END_REASON_BYE"), "the call")
        report.equal([(leg["callId"], leg["fromTag"]) for leg in call["legs"]],
                     [("7001", A.address), ("7002", B.address)], "legs")
        report.equal([(stream["packets"], bool(stream["legId"])) for stream in call["streams"]],
                     [(150, True)] * 2, "streams")
        events = system.json_lines("calls", "timeline", call["id"], "--digits")
        report.equal([event["dtmf"]["digit"] for event in events if "dtmf" in event], ["#"], "keys")
        report.equal(sum("hold" in event for event in events), 1, "holds")
        ladder = system.cli("calls", "ladder", call["id"]).stdout
        report.expect("CallState" in ladder, f"ladder:\n{ladder}")
        messages = sum(seen["messages"] for leg in call["legs"] for seen in leg["observations"])
        check_export(report, system, call, "skinny", messages)


def check_export(report, system, call, protocol, messages):
    """What is exported reads as that protocol elsewhere, too."""
    path = system.dir / "export.pcapng"
    system.cli("calls", "packets", call["id"], "-o", path)
    found = subprocess.run(["tshark", "-r", path, "-Y", protocol], capture_output=True, text=True,
                           check=True).stdout.count("\n")
    report.equal(found, messages, f"messages of {protocol} in the export, by tshark")


def main():
    options = harness.arguments()
    report = harness.Report()
    for name, scene in (("upgrade seen", {}), ("fragments and pings", {"fragments": True}),
                        ("joined in mid-stream", {"upgrade": False}),
                        ("partly compressed", {"compressed": True})):
        if options.only in "websocket":
            check_websocket(options, report, name, **scene)
    for check in (check_mgcp, check_mgcp_and_sip, check_sccp):
        if options.only in check.__name__:
            check(options, report)
    report.finish()


if __name__ == "__main__":
    main()
