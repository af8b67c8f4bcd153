"""Calls to servers that answer nothing: HEP as Homer takes it, by UDP and TCP, and syslog. What they
get is compared with the capture, by tshark and sngrep."""

import json
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import sys
import time

import harness
import span_captures as span
from event_servers import DatagramServer, Hep, StreamServer, counted_messages, hep_packets
from event_system import Events


def tshark(path, wanted, *fields, options=()):
    """Rows of `fields` of the packets that `wanted` takes."""
    lines = subprocess.run(
        ["tshark", "-r", path, *options, "-Y", wanted, "-T", "fields",
         *(argument for field in fields for argument in ("-e", field))],
        check=True, capture_output=True, text=True).stdout.splitlines()
    return [tuple(line.split("\t")) for line in lines]


def captured(report, system, path, packets):
    """HEP `packets` against what tshark reads in the capture, and what the API has."""
    decoded = [Hep(packet) for packet in packets]
    call, = system.calls()
    report.equal({hep.correlation for hep in decoded}, {call["legs"][0]["callId"]},
                 "correlation id")
    report.equal({hep.capture_id for hep in decoded}, {77}, "capture id")
    sip = [hep for hep in decoded if hep.kind == 1]
    fields = ("frame.time_epoch", "ip.src", "udp.srcport", "ip.dst", "udp.dstport", "udp.payload")
    seen = tshark(path, "sip", *fields)
    report.equal(sorted((f"{hep.time:.6f}", hep.source, str(hep.source_port), hep.destination,
                         str(hep.destination_port), hep.payload.hex()) for hep in sip),
                 sorted((f"{float(row[0]):.6f}", *row[1:]) for row in seen),
                 "SIP, with its addresses and times")
    rtcp = [json.loads(hep.payload) for hep in decoded if hep.kind == 5]
    # tshark takes what follows on no setup that it saw for RTCP when it is told.
    ports = tshark(path, "udp", "udp.srcport")
    odd = {row[0] for row in ports if row[0] in ("4001", "4009")}
    rows = tshark(path, "rtcp", "rtcp.senderssrc", "rtcp.sender.packetcount",
                  "rtcp.ssrc.identifier", "rtcp.ssrc.high_seq", "rtcp.ssrc.cum_nr",
                  options=[option for port in odd for option in ("-d", f"udp.port=={port},rtcp")])
    report.expect(len(rows) > 0, "tshark sees RTCP")
    report.equal(
        sorted((one["ssrc"], one["sender_information"]["packets"], block["source_ssrc"],
                block["highest_seq_no"], block["packets_lost"])
               for one in rtcp for block in one["report_blocks"]),
        sorted(tuple(int(value, 0) for value in row) for row in rows), "what RTCP says")
    quality = [json.loads(hep.payload) for hep in decoded if hep.kind == 34]
    streams = {stream["ssrc"]: stream for stream in call["streams"]}
    report.equal(sorted(int(one["SSRC"]) for one in quality), sorted(streams), "streams reported")
    for one in quality:
        stream = streams[int(one["SSRC"])]
        report.equal((one["TOTAL_PK"], one["CODEC_NAME"], one["SRC_IP"], one["DST_PORT"]),
                     (stream["packets"], "PCMA", stream["source"].split(":")[0],
                      int(stream["destination"].split(":")[1])), "report of a stream")
        report.expect(4 < one["MOS"] <= 4.5, f"MOS of a call without loss: {one['MOS']}")


def by_sngrep(report, path, packets):
    """What sngrep, a HEP server by others, makes of `packets`, against the capture."""
    if not shutil.which("sngrep"):
        print("left out: sngrep is not installed")
        return
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.bind(("127.0.0.1", 0))
        port = sender.getsockname()[1]
    out = path.with_suffix(".sngrep.pcap")
    sngrep = subprocess.Popen(["sngrep", "-N", "-q", "-L", f"udp:127.0.0.1:{port}", "-O", out],
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + 20
        bound = f"0100007F:{port:04X}"
        while (bound not in pathlib.Path("/proc/net/udp").read_text()
               and time.monotonic() < deadline):
            time.sleep(0.1)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            for packet in packets:
                sender.sendto(packet, ("127.0.0.1", port))
                time.sleep(0.02)
        time.sleep(1.5)
    finally:
        sngrep.send_signal(signal.SIGINT)
        sngrep.wait(timeout=20)
    fields = ("ip.src", "udp.srcport", "ip.dst", "udp.dstport", "udp.payload")
    report.equal(sorted(tshark(out, "sip", *fields)), sorted(tshark(path, "sip", *fields)),
                 "SIP that sngrep took out of HEP")


def servers(report, bin_dir):
    """A capture server by UDP and by TCP, and two of syslog, of which one was away."""
    report.case = "servers"
    datagrams, stream = DatagramServer(), StreamServer()
    syslog, counted = DatagramServer(), StreamServer()
    more = ["hep:", "  - name: u", f"    server: {datagrams.address}", "    capture_id: 77",
            "  - name: t", f"    server: {stream.address}", "    transport: tcp",
            "    capture_id: 77",
            "syslog:", "  - name: su", f"    server: {syslog.address}",
            "    events: [started, ended]",
            "  - name: st", f"    server: {counted.address}", "    transport: tcp"]
    stream.close()
    counted.close()
    with Events(bin_dir, {}, more=more) as system:
        capture = span.Capture()
        hosts = [span.Host(f"+4930{part}", f"10.1.{part}.1", f"02:10:01:00:0{part}:00", 4000 + 8 * part)
                 for part in (0, 1, 2)]
        span.Call(capture, "hep", *hosts[:2], pbx=hosts[2]).signalling().both_speak().rtcp(
            hosts[0], hosts[1], heard=True)
        path = capture.write(system.dir / "hep.pcap")
        system.replay({"s1": [path]}, site="berlin")
        call, = system.calls()
        report.expect(system.metric_becomes("delivered_total", "u", lambda value: value == 1),
                      "the call is sent")
        time.sleep(0.3)
        captured(report, system, path, datagrams.packets)
        by_sngrep(report, path, datagrams.packets)
        report.equal(system.metrics()["callbraid_events_sink_down", "t", ""], 1, "TCP is down")
        stream.open()
        counted.open()
        deadline = time.monotonic() + 70
        while time.monotonic() < deadline and not (counted.streams and stream.streams and len(
                hep_packets(stream.streams[0])) == len(datagrams.packets)):
            time.sleep(0.2)
        report.equal([Hep(packet).facts() for one in stream.streams for packet in hep_packets(one)],
                     [Hep(packet).facts() for packet in datagrams.packets],
                     "what came by TCP, after it was away, and by UDP")
        report.case = "syslog"
        messages = [packet.decode() for packet in syslog.packets]
        report.equal([message.split(" ")[5] for message in messages], ["started", "ended"],
                     "kinds of messages")
        report.equal([counted_messages(one) for one in counted.streams], [messages[1:]],
                     "what came by TCP, after it was away")
        report.expect(re.fullmatch(
            r"<134>1 \d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?Z \S+ callbraid-collector \d+ ended - "
            r"\ufeffcall ended id=\"" + call["id"] + r"\" caller=\"\+49300\" callee=\"\+49301\" "
            r"state=\"completed\" start=\"[^\"]+\" answer=\"[^\"]+\" end=\"[^\"]+\" "
            r"end_reason=\"bye\" status=\"200\" sites=\"berlin\"", messages[-1]) is not None,
            f"it is RFC 5424: {messages[-1]!r}")


def main():
    options = harness.arguments()
    report = harness.Report()
    servers(report, options.bin)
    report.finish()


if __name__ == "__main__":
    sys.exit(main())
