"""Faxes by T.38: from packets at one or two switches to the pages that a user gets, pixel by pixel.

spandsp sends them; its packets are put into calls as SIP phones set them up: RTP first, and
then T.38 on the same ports, after a re-INVITE or, as gateways do with events in RTP (NSE),
without a word of SIP; and as tones in G.711. Then real captures.
"""

import json
import random
import subprocess

import harness
import span_captures
from web_client import Browser

CALLER = span_captures.Host("101", "10.1.1.1", "02:10:00:00:01:01", 10000)
CALLEE = span_captures.Host("102", "10.2.2.2", "02:10:00:00:01:02", 20000)
HOSTS = (CALLER, CALLEE)
MS = span_captures.MS
SECOND = span_captures.SECOND
START = span_captures.START_NS
# When the fax begins, behind the voice.
FAX = START + 3 * SECOND


def packets_program(options):
    program = options.bin.parent / "tests/fax_packets"
    if not program.exists():
        harness.skip(f"{program} was not built")
    return program


def sent(options, folder, pages=2, ecm=True, redundancy=0):
    """[(time in ns, direction, UDPTL)] of a fax."""
    output = subprocess.run([packets_program(options), "send", folder, str(pages),
                             "ecm" if ecm else "plain", str(redundancy)],
                            check=True, capture_output=True, text=True).stdout
    return [(int(time), int(direction), bytes.fromhex(packet))
            for time, direction, packet in map(str.split, output.splitlines())]


def tones(options, folder):
    """[(time in ns, direction, 20 ms in mu-law)] of a fax."""
    output = subprocess.run([packets_program(options), "tones", folder, "1", "ecm"],
                            check=True, capture_output=True, text=True).stdout
    return [(int(time), int(direction), bytes.fromhex(payload))
            for time, direction, payload in map(str.split, output.splitlines())]


def pages_of(options, path):
    return subprocess.run([packets_program(options), "read", path], check=True,
                          capture_output=True, text=True).stdout.splitlines()


def audio_sdp(host):
    return (f"v=0\r\no=- 1 1 IN IP4 {host.address}\r\ns=-\r\nc=IN IP4 {host.address}\r\nt=0 0\r\n"
            f"m=audio {host.rtp_port} RTP/AVP 0\r\n")


def fax_sdp(host, port):
    return (f"v=0\r\no=- 1 2 IN IP4 {host.address}\r\ns=-\r\nc=IN IP4 {host.address}\r\nt=0 0\r\n"
            f"m=image {port} udptl t38\r\na=T38FaxVersion:0\r\na=T38FaxUdpEC:t38UDPRedundancy\r\n")


class Call:
    """A call as one capture point sees it."""

    def __init__(self):
        self.capture = span_captures.Capture()
        self.cseq = 0

    def sip(self, time_ns, sender, line, method, sdp=""):
        source, destination = HOSTS[sender], HOSTS[1 - sender]
        in_dialog = self.cseq > 1 or not line.startswith("INVITE")
        headers = [line, f"Via: SIP/2.0/UDP 10.1.1.1;branch=z9hG4bK{self.cseq}{method}",
                   "From: <sip:101@10.1.1.1>;tag=a",
                   "To: <sip:102@10.2.2.2>" + (";tag=b" if in_dialog else ""),
                   "Call-ID: fax", f"CSeq: {self.cseq} {method}", "Max-Forwards: 70"]
        if sdp:
            headers.append("Content-Type: application/sdp")
        headers.append(f"Content-Length: {len(sdp)}")
        self.capture.udp(time_ns, source, 5060, destination, 5060,
                         ("\r\n".join(headers) + "\r\n\r\n" + sdp).encode())

    def invite(self, time_ns, offer, answer):
        self.cseq += 1
        self.sip(time_ns, 0, "INVITE sip:102@10.2.2.2 SIP/2.0", "INVITE", offer)
        self.sip(time_ns + 50 * MS, 1, "SIP/2.0 200 OK", "INVITE", answer)
        self.sip(time_ns + 60 * MS, 0, "ACK sip:102@10.2.2.2 SIP/2.0", "ACK")

    def bye(self, time_ns):
        self.cseq += 1
        self.sip(time_ns, 0, "BYE sip:102@10.2.2.2 SIP/2.0", "BYE")
        self.sip(time_ns + 10 * MS, 1, "SIP/2.0 200 OK", "BYE")

    def voice(self, begin_ns, count):
        noise = random.Random(7)
        for i in range(count):
            for sender in (0, 1):
                self.rtp(begin_ns + i * 20 * MS, sender, i, noise.randbytes(160))

    def rtp(self, time_ns, sender, number, payload):
        header = (b"\x80\x00" + number.to_bytes(2, "big") + (number * 160).to_bytes(4, "big") +
                  bytes([1, 2, 3, sender]))
        self.media(time_ns, sender, header + payload)

    def fax(self, packets, ports=(None, None), wanted=lambda direction, sequence: True):
        for time_ns, direction, packet in packets:
            if wanted(direction, int.from_bytes(packet[:2], "big")):
                self.media(FAX + time_ns, direction, packet, ports)

    def media(self, time_ns, sender, payload, ports=(None, None)):
        source, destination = HOSTS[sender], HOSTS[1 - sender]
        self.capture.udp(time_ns, source, ports[sender] or source.rtp_port, destination,
                         ports[1 - sender] or destination.rtp_port, payload)


def end_of(packets):
    return FAX + packets[-1][0] + SECOND


def whole_call(packets, reinvite, ports=(None, None), wanted=lambda direction, sequence: True):
    call = Call()
    call.invite(START, audio_sdp(CALLER), audio_sdp(CALLEE))
    call.voice(START + 100 * MS, 100)
    if reinvite:
        call.invite(FAX - 500 * MS, *(fax_sdp(host, port or host.rtp_port)
                                      for host, port in zip(HOSTS, ports)))
    call.fax(packets, ports, wanted)
    call.bye(end_of(packets))
    return call.capture


def udptl(call):
    return [stream for stream in call["streams"]
            if stream.get("transport") == "MEDIA_TRANSPORT_UDPTL"]


def read_fax(system, call):
    """(what is told of the fax, path of its pages)."""
    path = system.dir / "fax.tif"
    (line,) = system.cli("calls", "fax", call["id"], "-o", path, "--json").stdout.splitlines()
    return json.loads(line), path


def distinct(packets, direction):
    return len({packet[:2] for _, sender, packet in packets if sender == direction})


def check_whole(options, report, system, packets, flags=()):
    """The one call is whole: streams, facts, pages."""
    (call,) = system.calls()
    report.equal(call["state"], "CALL_STATE_COMPLETED", "state")
    report.equal(call.get("flags", []), list(flags), "flags")
    streams = udptl(call)
    report.equal([(stream["codec"], stream["packets"], stream["lost"]) for stream in
                  sorted(streams, key=lambda stream: stream["side"], reverse=False)],
                 [("T.38", distinct(packets, 1), 0), ("T.38", distinct(packets, 0), 0)],
                 "streams of UDPTL: codec, packets, lost")
    fax, path = read_fax(system, call)
    report.equal(fax["result"], "FAX_RESULT_CONFIRMED", "result")
    report.expect(fax["complete"], "the fax is complete")
    report.equal(fax["sender"], "SIDE_CALLER", "sender")
    report.equal((fax["senderId"], fax["receiverId"]), ("+49 30 1234", "+49 89 5678"), "stations")
    report.equal(fax["bitRate"], 14400, "bit rate")
    report.equal(pages_of(options, path), pages_of(options, system.dir / "sent.tif"), "pixels")
    return call, fax


def same_ports(options, report, ecm, reinvite):
    with harness.System(options.bin) as system:
        packets = sent(options, system.dir, ecm=ecm)
        file = system.dir / "call.pcap"
        whole_call(packets, reinvite).write(file)
        system.replay({"s1": [file]})
        call, fax = check_whole(options, report, system, packets)
        report.equal(fax["errorCorrection"], ecm, "ECM")
        rtp = [stream for stream in call["streams"] if stream not in udptl(call)]
        report.equal([(stream["packets"], stream["lost"]) for stream in rtp], [(100, 0)] * 2,
                     "RTP before it")
        rate, channels = system.audio(call["id"])
        report.expect(all(abs(len(samples) - 2 * rate) < rate / 10 for samples in channels),
                      "the recording is the voice before the fax")
        shown = system.cli("calls", "show", call["id"]).stdout
        report.expect("fax (T.38)" in shown, "calls show names the stream")
        ladder = system.cli("calls", "ladder", call["id"]).stdout
        report.expect("T.38" in ladder, "the ladder shows it")
        text = system.cli("calls", "fax", call["id"]).stdout
        print(text)
        report.expect("2 pages, confirmed by the receiver, complete" in text, "words of calls fax")
        check_export(report, system, call, packets)
        refused = system.cli("calls", "audio", call["id"], "--stream", udptl(call)[0]["id"],
                             "-o", system.dir / "no.wav", check=False)
        report.expect(refused.returncode == 1 and "is no audio" in refused.stderr,
                      f"a fax is no audio: {refused.stderr}")


def check_export(report, system, call, packets):
    """tshark reads the exported packets as T.38, each as it was sent."""
    path = system.dir / "call.pcapng"
    system.cli("calls", "packets", call["id"], "-o", path)
    read = subprocess.run(
        ["tshark", "-r", path, "-d", f"udp.port=={CALLER.rtp_port},t38", "-Y",
         "t38.UDPTLPacket_element || t38", "-T", "fields", "-e", "ip.src", "-e", "udp.payload"],
        capture_output=True, text=True)
    got = [line.split("\t") for line in read.stdout.splitlines()]
    want = [[HOSTS[direction].address, packet.hex()] for _, direction, packet in packets]
    exported = {tuple(one) for one in got}
    report.expect(all(tuple(one) in exported for one in want), "packets are exported as they were")


def two_sensors(options, report):
    """Each misses other packets: no redundancy, but what one misses the other has."""
    with harness.System(options.bin) as system:
        packets = sent(options, system.dir)
        files = {}
        for sensor, lost in (("s1", 2), ("s2", 5)):
            files[sensor] = [system.dir / f"{sensor}.pcap"]
            whole_call(packets, True, wanted=lambda _, sequence, lost=lost: sequence % 7 != lost
                       ).write(files[sensor][0])
        system.replay(files)
        call, fax = check_whole(options, report, system, packets, ["CALL_FLAG_CAPTURE_LOSS"])
        for stream in udptl(call):
            report.equal({seen["sensor"] for seen in stream["observations"]}, {"s1", "s2"},
                         "who saw a stream")
        report.equal(fax["missing"], 0, "packets that nobody saw")


class WebSystem(harness.System):
    """With a web server and mutual TLS for the rest, so that there are names for the audit log."""

    def start_collector(self):
        self.collector_flags += ["--web-listen", "127.0.0.1:0"]
        super().start_collector()
        self.url = self.collector.stdout.readline().split("web on ")[1].strip()


def web_and_audit(options, report):
    """The same file by the web server; and who read it is noted, but not who saw only its facts."""
    with WebSystem(options.bin, tls=True) as system:
        packets = sent(options, system.dir, pages=1)
        file = system.dir / "call.pcap"
        whole_call(packets, True).write(file)
        system.replay({"s1": [file]})
        (call,) = system.calls()

        def noted():
            return [(entry["act"], entry["target"]) for entry in system.json_lines("audit", "list")
                    if entry["act"] == "AUDIT_ACT_READ_FAX"]
        system.cli("calls", "fax", call["id"])
        report.equal(noted(), [], "noted of the facts")
        _, path = read_fax(system, call)
        report.equal(noted(), [("AUDIT_ACT_READ_FAX", call["id"])], "noted of the pages")
        token = json.loads(system.cli("tokens", "create", "ann", "--role", "viewer",
                                      "--json").stdout)["secret"]
        browser = Browser(system.url, ca=system.dir / "certs/ca.pem", token=token)
        status, headers, body = browser.ask("GET", f"/calls/{call['id']}/fax")
        report.equal((status, headers["content-type"]), (200, "image/tiff"), "file of the web")
        report.expect(body == path.read_bytes(), "it is the same file")
        report.equal(len(noted()), 2, "noted of the web")
        elsewhere = json.loads(system.cli("tokens", "create", "bob", "--role", "viewer", "--site",
                                          "other", "--json").stdout)["secret"]
        stranger = Browser(system.url, ca=system.dir / "certs/ca.pem", token=elsewhere)
        report.equal(stranger.ask("GET", f"/calls/{call['id']}/fax")[0], 404, "out of scope")


def other_ports(options, report):
    """With redundancy, and lost packets: the pages are whole all the same."""
    with harness.System(options.bin) as system:
        packets = sent(options, system.dir, redundancy=2)
        file = system.dir / "call.pcap"
        whole_call(packets, True, ports=(10002, 20002),
                   wanted=lambda _, sequence: sequence % 5 != 3).write(file)
        system.replay({"s1": [file]})
        (call,) = system.calls()
        lost = sum(stream["lost"] for stream in udptl(call))
        fax, path = read_fax(system, call)
        report.expect(lost > 20, f"packets were lost: {lost}")
        report.expect(fax["missing"] >= lost, "they are missing")
        report.equal(fax["recoveredByRedundancy"], fax["missing"], "all are recovered")
        report.expect(fax["complete"], "the fax is complete")
        report.equal(pages_of(options, path), pages_of(options, system.dir / "sent.tif"), "pixels")


def broken(options, report):
    """Lost packets and no redundancy: what is there is there, and is told to be not all."""
    with harness.System(options.bin) as system:
        packets = sent(options, system.dir, ecm=False, pages=1)
        file = system.dir / "call.pcap"
        half = distinct(packets, 0) // 2
        whole_call(packets, True, wanted=lambda direction, sequence:
                   direction == 1 or not half <= sequence < half + 3).write(file)
        system.replay({"s1": [file]})
        (call,) = system.calls()
        fax, path = read_fax(system, call)
        report.equal(fax["missing"], 3, "missing packets")
        report.expect(not fax["complete"], "the fax is not complete")
        report.equal(fax["result"], "FAX_RESULT_CONFIRMED", "the receiver had it all")
        (got,), (want,) = pages_of(options, path), pages_of(options, system.dir / "sent.tif")
        report.expect(got != want, "the page is not as it was sent")
        report.expect(sum(a == b for a, b in zip(got, want)) > len(want) / 3,
                      "the beginning of the page is")


def pass_through(options, report):
    """A fax as tones in G.711: its page is heard out of the RTP."""
    with harness.System(options.bin) as system:
        packets = tones(options, system.dir)
        call = Call()
        call.invite(START, audio_sdp(CALLER), audio_sdp(CALLEE))
        for time_ns, direction, payload in packets:
            call.rtp(START + SECOND + time_ns, direction, time_ns // (20 * MS), payload)
        call.bye(START + 2 * SECOND + packets[-1][0])
        file = system.dir / "call.pcap"
        call.capture.write(file)
        system.replay({"s1": [file]})
        (shown,) = system.calls()
        fax, path = read_fax(system, shown)
        print(system.cli("calls", "fax", shown["id"]).stdout)
        report.expect(fax["inAudio"], "it went as tones")
        report.equal(fax["result"], "FAX_RESULT_CONFIRMED", "result")
        report.expect(fax["complete"], "the fax is complete")
        report.equal((fax["senderId"], fax["receiverId"]), ("+49 30 1234", "+49 89 5678"),
                     "stations")
        report.equal(pages_of(options, path), pages_of(options, system.dir / "sent.tif"), "pixels")


def offered(options, report):
    """T.38 offered and accepted, and never used: RTP goes on, and is not taken for it."""
    with harness.System(options.bin) as system:
        call = Call()
        call.invite(START, audio_sdp(CALLER), audio_sdp(CALLEE))
        call.invite(START + 70 * MS, *(fax_sdp(host, host.rtp_port) for host in HOSTS))
        call.voice(START + 200 * MS, 500)
        call.bye(START + 12 * SECOND)
        file = system.dir / "call.pcap"
        call.capture.write(file)
        system.replay({"s1": [file]})
        (shown,) = system.calls()
        report.equal([(stream["codec"], stream["packets"], stream["lost"])
                      for stream in shown["streams"]], [("PCMU", 500, 0)] * 2, "streams")
        refused = system.cli("calls", "fax", shown["id"], check=False)
        report.expect(refused.returncode == 1 and "no fax was seen" in refused.stderr,
                      f"there is no fax: {refused.stderr}")
        timeline = system.cli("calls", "timeline", shown["id"]).stdout
        report.expect("T.38" in timeline, "the timeline tells of T.38")


def seen_by_tshark(path, port):
    """{source: numbers of UDPTL}, repeats counted once."""
    lines = subprocess.run(
        ["tshark", "-r", path, "-Y", f"udp.port=={port}", "-T", "fields", "-e", "ip.src",
         "-e", "udp.srcport", "-e", "udp.payload"], capture_output=True, text=True,
        check=True).stdout.splitlines()
    numbers = {}
    for source, source_port, payload in (line.split("\t") for line in lines):
        # RTP and RTCP are of version 2; no fax of these counts that far.
        if int(payload[:2], 16) < 0x80:
            numbers.setdefault(f"{source}:{source_port}", set()).add(payload[:4])
    return numbers


def real(options, report, name):
    """Cisco's gateways change to T.38 by an event in RTP, on RTP's own ports."""
    path = harness.shared("captures") / "fax" / name
    with harness.System(options.bin) as system:
        system.replay({"s1": [path]})
        calls = [call for call in system.calls() if udptl(call)]
        report.equal(len(calls), 1, "calls with a fax")
        streams = {stream["source"]: stream["packets"] for stream in udptl(calls[0])}
        port = next(iter(streams)).rsplit(":", 1)[1]
        want = {source: len(numbers) for source, numbers in seen_by_tshark(path, port).items()}
        report.equal(streams, want, "packets of UDPTL by source")
        fax, path = read_fax(system, calls[0])
        print(system.cli("calls", "fax", calls[0]["id"]).stdout)
        report.equal(fax["missing"], 0, "missing packets")
        report.expect(fax["complete"] and fax["result"] == "FAX_RESULT_CONFIRMED",
                      f"complete and confirmed: {fax}")
        report.equal(len(pages_of(options, path)), len(fax["pages"]), "pages in the file")
        report.expect(all(page["badRows"] == 0 for page in fax["pages"]), "every row decodes")


def no_false_one(options, report):
    """What is no fax is not taken for one."""
    captures = harness.shared("captures")
    for path in sorted((captures / "negatives").glob("*.pcap")) + [
            captures / "fax/nDPI__FAX-Call-t38-CA-TDM-SIP-FB-1.pcap"]:
        with harness.System(options.bin) as system:
            system.replay({"s1": [path]})
            report.equal([stream["source"] for call in system.calls() for stream in udptl(call)],
                         [], f"streams of UDPTL in {path.name}")


def main():
    options = harness.arguments()
    report = harness.Report()
    cases = [("pages in ECM after a re-INVITE", lambda: same_ports(options, report, True, True)),
             ("pages without ECM after a re-INVITE",
              lambda: same_ports(options, report, False, True)),
             ("pages without any SDP for them", lambda: same_ports(options, report, True, False)),
             ("two sensors", lambda: two_sensors(options, report)),
             ("web and audit", lambda: web_and_audit(options, report)),
             ("other ports, redundancy", lambda: other_ports(options, report)),
             ("broken", lambda: broken(options, report)),
             ("pass-through", lambda: pass_through(options, report)),
             ("offered, not used", lambda: offered(options, report)),
             ("no false one", lambda: no_false_one(options, report))]
    for name in ("sip_ogw", "sip_tgw", "h323_ogw", "h323_tgw"):
        file = f"Wireshark-Captures__fax_t38_nse_{name}.pcapng"
        cases.append((f"real {name}", lambda file=file: real(options, report, file)))
    for name, case in cases:
        if options.only not in name:
            continue
        report.case = name
        print(f"{name}:")
        case()
    report.finish()


if __name__ == "__main__":
    main()
