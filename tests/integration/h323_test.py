"""Calls by H.323: fast start, tunnelled H.245, H.245 in a connection of its own, a gatekeeper.

The captures are made here, and read as H.323 by tshark, too; what becomes of
them is asked of the real programs.
"""

import subprocess

import h323_messages as h323
import harness
from protocol_calls import Connection, speech
from span_captures import A, B, GATEWAY, MS, PBX, START_NS, Call, Capture, Host

GATEKEEPER = Host("gk", "10.0.0.9", "02:10:00:00:00:09", 5010)
PROTOCOL = "SIGNALLING_PROTOCOL_H323"


class H323Call:
    """One call between two hosts. Times are in milliseconds from its start."""

    H245_PORT = 11000

    def __init__(self, capture, caller, callee, call_id=0xa0, numbers=("101", "102"), start_ms=0,
                 media=None, reference=7, port=40000):
        self.capture = capture
        self.caller, self.callee = caller, callee
        self.numbers = numbers
        self.start_ms = start_ms
        self.reference = reference
        self.call_id = bytes([call_id]) * 16
        self.conference = bytes([call_id + 1]) * 16
        # Whose media it is about; the signalling may pass others.
        self.media = media or (caller, callee)
        self.calls = (Connection(capture, caller, port, callee, 1720),
                      Connection(capture, callee, 1720, caller, port))
        near, far = self.media
        self.control = (Connection(capture, near, 41000, far, self.H245_PORT),
                        Connection(capture, far, self.H245_PORT, near, 41000))

    def at(self, ms):
        return START_NS + (self.start_ms + ms) * MS

    def send(self, ms, from_caller, message):
        self.calls[0 if from_caller else 1].send(self.at(ms), message)

    def h245(self, ms, from_caller, message, apart=False):
        """In a connection of its own; `apart`: header and body in two segments."""
        connection = self.control[0 if from_caller else 1]
        data = h323.tpkt(message)
        if apart:
            connection.send(self.at(ms), data[:4])
            connection.send(self.at(ms) + 1000, data[4:])
        else:
            connection.send(self.at(ms), data)

    def tunnel(self, ms, from_caller, *messages):
        self.send(ms, from_caller,
                  h323.facility(self.reference, from_caller, self.call_id, messages))

    def rtp(self, host):
        return host.address, host.rtp_port

    def rtcp(self, host):
        return host.address, host.rtp_port + 1

    def setup(self, fast=False, display=""):
        caller = self.media[0]
        offers = []
        if fast:
            for codec in ("PCMA", "G729"):
                offers.append(h323.fast_start(1, (codec, None, self.rtcp(caller))))
                offers.append(h323.fast_start(
                    2, None, (codec, self.rtp(caller), self.rtcp(caller))))
        self.send(0, True, h323.setup(
            self.reference, self.call_id, self.conference,
            source=[h323.digits(self.numbers[0])], destination=[h323.digits(self.numbers[1])],
            fast_start=offers, elements=h323.number_elements(*self.numbers, display)))
        self.send(5, False, h323.call_proceeding(self.reference, self.call_id))

    def alerting(self, ms, h245=False):
        where = (self.media[1].address, self.H245_PORT) if h245 else None
        self.send(ms, False, h323.alerting(self.reference, self.call_id, where))

    def connect(self, ms, fast=False):
        callee = self.media[1]
        answers = []
        if fast:
            answers = [h323.fast_start(1, ("PCMA", self.rtp(callee), self.rtcp(callee))),
                       h323.fast_start(1, None, ("PCMA", self.rtp(self.media[0]),
                                                 self.rtcp(callee)))]
        self.send(ms, False, h323.connect(self.reference, self.call_id, self.conference,
                                          fast_start=answers))

    def open_both(self, ms, channel=1):
        """Both sides open a channel of PCMA, in the connection of H.245."""
        for from_caller, opener in ((True, self.media[0]), (False, self.media[1])):
            self.h245(ms, from_caller,
                      h323.open_channel(channel, ("PCMA", None, self.rtcp(opener))))
        for from_caller, receiver in ((False, self.media[1]), (True, self.media[0])):
            self.h245(ms + 4, from_caller,
                      h323.open_ack(channel, self.rtp(receiver), self.rtcp(receiver)))

    def release(self, ms, cause=16, from_caller=True):
        self.send(ms, from_caller,
                  h323.release_complete(self.reference, from_caller, self.call_id, cause))

    def speak(self, ms, seconds):
        near, far = self.media
        for source, destination in ((near, far), (far, near)):
            speech(self.capture, "h323", source, destination, self.at(ms), seconds)


def fast_call(capture):
    call = H323Call(capture, A, B)
    call.setup(fast=True, display="Alice")
    call.alerting(100)
    call.connect(2000, fast=True)
    call.tunnel(2100, True, h323.capability_set(1, "PCMA", 101))
    call.speak(2010, 5)
    call.tunnel(3000, True, h323.alphanumeric("5"))
    call.tunnel(3200, False, h323.user_input("#"))
    call.release(7100)
    return capture


def check_fast_start(options, report):
    """Both sensors see it; the second one's clock and path differ."""
    report.case = "fast start"
    with harness.System(options.bin) as system:
        left, right = fast_call(Capture()), fast_call(Capture())
        right.shift(1_300_000)
        system.replay({"s1": [left.write(system.dir / "left.pcap")],
                       "s2": [right.write(system.dir / "right.pcap")]})
        calls = system.calls()
        if not report.equal(len(calls), 1, "calls"):
            return
        call, = calls
        report.equal((call["caller"], call["callerName"], call["callee"], call["state"],
                      call["endReason"]),
                     ("101", "Alice", "102", "CALL_STATE_COMPLETED", "END_REASON_BYE"), "the call")
        report.equal([(leg["callId"], leg["protocol"], len(leg["observations"]),
                       leg["releaseCause"]) for leg in call["legs"]],
                     [("a0" * 16, PROTOCOL, 2, 16)], "legs")
        report.equal(sorted((stream["side"], stream["packets"], stream["codec"],
                             bool(stream["legId"]), len(stream["observations"]))
                            for stream in call["streams"]),
                     [("SIDE_CALLEE", 250, "PCMA", True, 2),
                      ("SIDE_CALLER", 250, "PCMA", True, 2)], "streams")
        kinds = {evidence["kind"] for evidence in call["evidence"]}
        report.expect({"EVIDENCE_KIND_SAME_DIALOG", "EVIDENCE_KIND_SDP_DESTINATION"} <= kinds,
                      f"evidence {kinds}")
        check_keys(report, system, call, [("5", "SIDE_CALLER"), ("#", "SIDE_CALLEE")])
        check_ladder(report, system, call,
                     ["Setup 101 -> 102 (fastStart)", "CallProceeding", "Alerting",
                      "Connect (fastStart)", "Facility: terminalCapabilitySet",
                      "Facility: userInput 5", "Facility: userInput #",
                      "ReleaseComplete (16 normal call clearing)"])
        shown = system.cli("calls", "show", call["id"]).stdout
        report.expect("H.323  10.0.0.101:40000" in shown, f"calls show:\n{shown}")
        report.expect("cause 16, normal call clearing" in shown, f"calls show:\n{shown}")
        # Of either sensor.
        check_export(report, system, call, "h225", 2 * 8)


def check_slow_start(options, report):
    """H.245 has a connection of its own, whose segments are cut in two; hold and resume."""
    report.case = "slow start"
    with harness.System(options.bin) as system:
        capture = Capture()
        call = H323Call(capture, A, B)
        call.setup()
        call.alerting(100, h245=True)
        call.h245(150, True, h323.capability_set(1, "PCMA", 101), apart=True)
        call.h245(160, False, h323.capability_set(1, "PCMA", 101))
        call.connect(2000)
        call.open_both(2010)
        call.speak(2020, 3)
        call.h245(3000, True, h323.user_input("7"), apart=True)
        call.h245(5030, False, h323.capability_set(2))
        call.h245(5040, True, h323.close_channel(1))
        call.h245(5050, False, h323.close_channel(1))
        call.h245(7000, False, h323.capability_set(3, "PCMA"))
        call.open_both(7010, channel=2)
        call.h245(9000, True, h323.end_session())
        call.release(9010)
        system.replay({"s1": [capture.write(system.dir / "slow.pcap")]})
        calls = system.calls()
        if not report.equal(len(calls), 1, "calls"):
            return
        found, = calls
        report.equal((found["caller"], found["callee"], found["state"]),
                     ("101", "102", "CALL_STATE_COMPLETED"), "the call")
        report.equal([(stream["packets"], stream["codec"], bool(stream["legId"]))
                      for stream in found["streams"]], [(150, "PCMA", True)] * 2, "streams")
        check_keys(report, system, found, [("7", "SIDE_CALLER")])
        events = system.json_lines("calls", "timeline", found["id"])
        report.equal(sum("hold" in event for event in events), 1, "holds")
        opened = ["openLogicalChannel {0} PCMA"] * 2 + [
            f"openLogicalChannelAck {{0}} {host.address}:{host.rtp_port}" for host in (B, A)]
        check_ladder(report, system, found,
                     ["Setup 101 -> 102", "CallProceeding", "Alerting (H.245 at 10.0.0.102:11000)",
                      "terminalCapabilitySet", "terminalCapabilitySet", "Connect",
                      *(words.format(1) for words in opened), "userInput 7",
                      "terminalCapabilitySet (empty)", "closeLogicalChannel 1",
                      "closeLogicalChannel 1", "terminalCapabilitySet",
                      *(words.format(2) for words in opened), "endSessionCommand",
                      "ReleaseComplete (16 normal call clearing)"])
        sensor, = system.json_lines("sensors", "list")
        discarded = sensor["capturePoints"][0]["report"].get("discarded", {})
        odd = {name: count for name, count in discarded.items() if "h323" in name}
        report.equal(odd, {}, "what could not be read of H.323")


def check_gatekeeper(options, report):
    """It routes the call signalling; H.245 and media go directly. A call that is refused."""
    report.case = "gatekeeper"
    with harness.System(options.bin) as system:
        capture = Capture()
        request = h323.admission_request(2, b"\xa0" * 16, b"\xa1" * 16, "101", "102")
        capture.udp(START_NS - 20 * MS, A, 40000, GATEKEEPER, 1719, request)
        legs = [H323Call(capture, A, GATEKEEPER, media=(A, B)),
                H323Call(capture, GATEKEEPER, B, media=(A, B), start_ms=10, port=42000)]
        for leg in legs:
            leg.setup()
        for leg in reversed(legs):
            leg.alerting(100, h245=True)
        for leg in reversed(legs):
            leg.connect(2000)
        legs[0].h245(2020, True, h323.capability_set(1, "PCMA"))
        legs[0].open_both(2030)
        legs[0].speak(2050, 3)
        for leg in legs:
            leg.release(6000)
        busy = H323Call(capture, A, B, call_id=0xb0, start_ms=20000, numbers=("101", "103"),
                        reference=8, port=43000)
        busy.setup()
        busy.release(200, cause=17, from_caller=False)
        system.replay({"s1": [capture.write(system.dir / "gk.pcap")]})
        calls = sorted(system.calls(), key=lambda call: call["startTime"])
        if not report.equal(len(calls), 2, "calls"):
            return
        routed, refused = calls
        report.equal(sorted((leg["callId"], leg["fromTag"]) for leg in routed["legs"]),
                     [("a0" * 16, A.address), ("a0" * 16, GATEKEEPER.address)], "legs")
        kinds = {evidence["kind"] for evidence in routed["evidence"]}
        report.expect("EVIDENCE_KIND_CONTROLLED_CALL" in kinds, f"evidence {kinds}")
        report.equal([(stream["packets"], bool(stream["legId"])) for stream in routed["streams"]],
                     [(150, True)] * 2, "streams")
        report.equal((refused["callee"], refused["state"], refused["endReason"]),
                     ("103", "CALL_STATE_UNANSWERED", "END_REASON_REFUSED"), "who is busy")
        report.equal(refused["legs"][0]["releaseCause"], 17, "why")
        sensor, = system.json_lines("sensors", "list")
        census = sensor["capturePoints"][0]["report"]["census"]
        counted = {other["protocol"]: int(other["messages"]) for other in census["otherProtocols"]}
        # The request for admission, two legs with H.245, and three of who is busy.
        report.equal(counted, {PROTOCOL: 1 + 2 * 5 + 1 + 4 + 3}, "messages by protocol")


def check_trunk_beside_sip(options, report):
    """A SIP phone calls out by an H.323 gateway; the PBX stays out of the media."""
    report.case = "trunk beside sip"
    with harness.System(options.bin) as system:
        capture = Capture()
        sip = Call(capture, "in", A, B)
        for time_ns, near, far, line, method, host in (
                (0, A, PBX, "INVITE sip:102@10.0.0.10 SIP/2.0", "INVITE", A),
                (130, PBX, A, "SIP/2.0 180 Ringing", "INVITE", None),
                (2010, PBX, A, "SIP/2.0 200 OK", "INVITE", GATEWAY),
                (2020, A, PBX, "ACK sip:102@10.0.0.10 SIP/2.0", "ACK", None),
                (6000, A, PBX, "BYE sip:102@10.0.0.10 SIP/2.0", "BYE", None),
                (6010, PBX, A, "SIP/2.0 200 OK", "BYE", None)):
            body = "" if host is None else sdp_of(host)
            tag = "" if line.startswith("INVITE") else ";tag=b"
            sip.message(START_NS + time_ns * MS, near, far, line, method[0], method, body, tag)
        trunk = H323Call(capture, PBX, GATEWAY, media=(A, GATEWAY), start_ms=10)
        trunk.setup(fast=True)
        trunk.alerting(110)
        trunk.connect(1990, fast=True)
        trunk.speak(2020, 3)
        trunk.release(5995)
        system.replay({"s1": [capture.write(system.dir / "trunk.pcap")]})
        calls = system.calls()
        if not report.equal(len(calls), 1, "calls"):
            return
        call, = calls
        report.equal(sorted(leg["protocol"] for leg in call["legs"]),
                     [PROTOCOL, "SIGNALLING_PROTOCOL_SIP"], "legs")
        report.equal((call["caller"], call["callee"], len(call["streams"])), ("101", "102", 2),
                     "the call")


def sdp_of(host):
    return f"v=0\r\nc=IN IP4 {host.address}\r\nm=audio {host.rtp_port} RTP/AVP 8\r\n"


def check_keys(report, system, call, wanted):
    events = system.json_lines("calls", "timeline", call["id"], "--digits")
    report.equal([(event["dtmf"]["digit"], event.get("side")) for event in events
                  if "dtmf" in event], wanted, "keys")


def check_ladder(report, system, call, wanted):
    """What the messages are summed up as, in their order, at one sensor."""
    messages = system.json_lines("calls", "ladder", call["id"])
    summaries = [message["summary"] for message in messages
                 if message["sensor"] == messages[0]["sensor"]]
    report.equal(summaries, wanted, "the ladder")


def check_export(report, system, call, display_filter, messages):
    """What is exported reads as H.323 elsewhere, too, and without fault."""
    path = system.dir / "export.pcapng"
    system.cli("calls", "packets", call["id"], "-o", path)
    for what, wanted in ((display_filter, messages), ("_ws.malformed", 0)):
        found = subprocess.run(["tshark", "-r", path, "-Y", what], capture_output=True, text=True,
                               check=True).stdout.count("\n")
        report.equal(found, wanted, f"{what} in the export, by tshark")


def main():
    options = harness.arguments()
    report = harness.Report()
    for check in (check_fast_start, check_slow_start, check_gatekeeper, check_trunk_beside_sip):
        if options.only in check.__name__:
            check(options, report)
    report.finish()


if __name__ == "__main__":
    main()
