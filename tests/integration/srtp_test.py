"""SRTP of public captures: every tag verified where there is a key, silence where there is none.

The captures have no signalling, so it is put before them: an INVITE and its answer
whose SDP names the keys, as phones do (RFC 4568). Prints a figure for each.
"""

import base64
import random
import re

import harness
import pcap
import span_captures

SECRET = "aSBrbm93IGFsbCB5b3VyIGxpdHRsZSBzZWNyZXRz"  # Published with the capture.
OTHER = "d0RmdmcmVCspeEc3QGZiNWpVLFJhQX1cfHAwJSoj"  # Of the RFC's example.
SUITE = "AES_CM_128_HMAC_SHA1_80"
CALLER = span_captures.Host("101", "10.1.1.1", "02:10:00:00:01:01", 10000)
CALLEE = span_captures.Host("102", "10.2.2.2", "02:10:00:00:01:02", 10000)


def sdp(host, lines):
    return (f"v=0\r\no=- 1 1 IN IP4 {host.address}\r\ns=-\r\nc=IN IP4 {host.address}\r\nt=0 0\r\n"
            f"m=audio {host.rtp_port} RTP/SAVP 8\r\na=rtpmap:8 PCMA/8000\r\n" +
            "".join(f"a={line}\r\n" for line in lines))


def with_signalling(media, offer, answer):
    """`media` (a Pcap) after an INVITE, 200 and ACK a second before."""
    capture = span_captures.Capture()
    start = media.start_ns() - span_captures.SECOND
    for offset, source, destination, line, method, body in (
            (0, CALLER, CALLEE, "INVITE sip:102@10.2.2.2 SIP/2.0", "INVITE", sdp(CALLER, offer)),
            (200, CALLEE, CALLER, "SIP/2.0 200 OK", "INVITE", sdp(CALLEE, answer)),
            (210, CALLER, CALLEE, "ACK sip:102@10.2.2.2 SIP/2.0", "ACK", "")):
        headers = [line, "Via: SIP/2.0/UDP 10.1.1.1;branch=z9hG4bK" + method,
                   "From: <sip:101@10.1.1.1>;tag=a",
                   "To: <sip:102@10.2.2.2>" + ("" if method == "INVITE" and offset == 0 else ";tag=b"),
                   "Call-ID: srtp", f"CSeq: 1 {method}", "Max-Forwards: 70"]
        if body:
            headers.append("Content-Type: application/sdp")
        headers.append(f"Content-Length: {len(body)}")
        capture.udp(start + offset * span_captures.MS, source, 5060, destination, 5060,
                    ("\r\n".join(headers) + "\r\n\r\n" + body).encode())
    for time_ns, wire, data in media.packets:
        capture.add(time_ns, data, wire)
    return capture


def heard(system, call):
    """(packets that verify, packets, samples that are not silent, samples)."""
    path = system.dir / "call.wav"
    path.unlink(missing_ok=True)
    result = system.cli("calls", "audio", call["id"], "-o", path, check=False)
    (stream,) = call["streams"]
    found = re.search(r"(\d+) of (\d+) packets do not verify", result.stderr)
    refused = int(found.group(1)) if found else 0
    if result.returncode != 0:
        return 0, stream["packets"], 0, 0, result.stderr
    _, channels = harness.read_wav(path)
    left = channels[0]
    return (stream["packets"] - refused, stream["packets"], int((left != 0).sum()), len(left),
            result.stderr)


def run(options, report, name, capture_of, check):
    report.case = name
    if options.only not in name:
        return
    with harness.System(options.bin) as system:
        file = capture_of(system.dir)
        system.replay({"s1": [file]})
        (call,) = [call for call in system.calls() if call.get("streams")]
        check(system, call)
        for log in ("collector", "s1"):
            report.expect(SECRET not in system.log(log), f"no key in the log of {log}")
        shown = system.cli("calls", "show", call["id"], "--json").stdout
        report.expect(SECRET not in shown, "no key in the call")


def main():
    options = harness.arguments()
    folder = harness.shared("captures") / "srtp"
    report = harness.Report()
    print("capture, case: tags verified of packets")

    def figure(name, verified, packets):
        print(f"  {name}: {verified} of {packets}")

    marseillaise = folder / "rtp-pcap__marseillaise-srtp.pcap"
    offer = [f"crypto:1 AES_256_CM_HMAC_SHA1_80 inline:{'A' * 62}==",
             f"crypto:2 {SUITE} inline:{SECRET}|2^20"]
    answer = [f"crypto:2 {SUITE} inline:{OTHER}"]

    def decrypted(name, packets):
        def check(system, call):
            (stream,) = call["streams"]
            report.equal(stream.get("encryption"), f"SDES, {SUITE}", "encryption")
            report.expect("CALL_FLAG_ENCRYPTED" not in call.get("flags", []), "it has a key")
            verified, of, loud, samples, said = heard(system, call)
            figure(name, verified, of)
            report.equal((verified, of), (packets, packets), f"tags verified ({said.strip()})")
            report.expect(abs(samples - packets * 160) <= 160, f"{samples} samples")
            report.expect(loud > samples // 2, f"music: {loud} of {samples} samples are not 0")
            messages = b"".join(base64.b64decode(message["message"]) for message in
                                system.json_lines("calls", "ladder", call["id"]))
            report.expect(SECRET.encode() not in messages and
                          b"inline:" + b"*" * len(SECRET) + b"|2^20" in messages,
                          "keys in the ladder are masked")
            exported = system.dir / "call.pcapng"
            system.cli("calls", "packets", call["id"], "-o", exported)
            report.expect(SECRET.encode() in exported.read_bytes(), "an admin's export has the key")
        return check

    run(options, report, "marseillaise, key in the offer",
        lambda at: with_signalling(pcap.Pcap(marseillaise), offer, answer).write(at / "s.pcap"),
        decrypted("marseillaise, key in the offer", 11888))

    # The capture begins anywhere, so that the rollover counter may be another.
    choice = random.Random(options.seed)
    cut = choice.randrange(1, 11000)
    def late(at):
        media = pcap.Pcap(marseillaise)
        media.packets = media.packets[cut:]
        return with_signalling(media, offer, answer).write(at / "s.pcap")
    run(options, report, f"marseillaise, joined at packet {cut} (--seed {options.seed})", late,
        decrypted(f"marseillaise, joined at packet {cut}", 11888 - cut))

    def no_key(name, words):
        def check(system, call):
            (stream,) = call["streams"]
            report.equal(stream.get("encryption"), words, "encryption")
            report.expect("CALL_FLAG_ENCRYPTED" in call.get("flags", []), "the call says so")
            verified, of, *_, said = heard(system, call)
            figure(name, f"no key, {verified}", of)
            report.expect("encrypted" in said, f"no recording, and why: {said.strip()}")
        return check

    by_size = "no key (SRTP by the size of its packets)"
    for file in (marseillaise.name, "rtpproxy__srtp1.a.rtp", "rtpproxy__srtp1.o.rtp"):
        run(options, report, f"{file}, as it is", lambda at, file=file: folder / file,
            no_key(f"{file}, as it is", by_size))
    run(options, report, "marseillaise, DTLS-SRTP in its SDP",
        lambda at: with_signalling(pcap.Pcap(marseillaise), ["fingerprint:sha-256 AA:BB"],
                                   ["fingerprint:sha-256 CC:DD"]).write(at / "s.pcap"),
        no_key("marseillaise, DTLS-SRTP in its SDP", "no key (DTLS-SRTP)"))

    def wrong(system, call):
        verified, of, *_, said = heard(system, call)
        figure("marseillaise, the wrong key", verified, of)
        report.expect("no key of the call's SDP fits" in said, f"says so: {said.strip()}")
    run(options, report, "marseillaise, the wrong key",
        lambda at: with_signalling(pcap.Pcap(marseillaise), [f"crypto:1 {SUITE} inline:{OTHER}"],
                                   [f"crypto:1 {SUITE} inline:{OTHER}"]).write(at / "s.pcap"),
        wrong)
    report.finish()


if __name__ == "__main__":
    main()
