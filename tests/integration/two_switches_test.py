"""The quickstart's captures through the real programs: one call, every answer of
the API, a restart, an orderly end.

Runs in the sanitizers' builds too, where whatever these find makes a program
fail, and in seconds.
"""

import harness

VOICES = harness.ROOT / "deploy/quickstart.d"
# Packets of the caller and of the callee; all of them are in both captures.
PACKETS = {"SIDE_CALLER": 488, "SIDE_CALLEE": 495}


def check_call(report, call):
    report.equal((call["caller"], call["callee"], call["state"]),
                 ("101", "103", "CALL_STATE_COMPLETED"), "caller, callee, state")
    report.equal(len(call["legs"]), 2, "legs")
    report.equal({stream["side"]: (stream["packets"], stream["lost"])
                  for stream in call["streams"]},
                 {side: (packets, 0) for side, packets in PACKETS.items()}, "packets and loss")
    for stream in call["streams"]:
        report.equal(sorted(seen["sensor"] for seen in stream["observations"]), ["s1", "s2"],
                     f"sensors that saw what the {stream['side']} says")
    kinds = {evidence["kind"] for evidence in call["evidence"]}
    for kind in ("SAME_DIALOG", "SAME_RTP"):
        report.expect(f"EVIDENCE_KIND_{kind}" in kinds, f"{kind} among the evidence: {kinds}")


def check_audio(report, system, call):
    rate, channels = system.audio(call["id"])
    report.equal(len(channels), 2, "channels")
    for name, samples, own, other in (("left", channels[0], "caller", "callee"),
                                      ("right", channels[1], "callee", "caller")):
        right = harness.correlation(rate, samples, VOICES / f"{own}.wav")
        wrong = harness.correlation(rate, samples, VOICES / f"{other}.wav")
        report.expect(right > 0.9 and wrong < 0.2,
                      f"{name} is the {own}: correlation {right:.3f}, the {other} {wrong:.3f}")


def check_answers(report, system, call):
    pcapng = system.dir / "call.pcapng"
    system.cli("calls", "packets", call["id"], "-o", pcapng)
    report.expect(pcapng.stat().st_size > 2 * 160 * sum(PACKETS.values()),
                  "the export has the packets of both capture points")
    ladder = system.cli("calls", "ladder", call["id"]).stdout
    report.expect("INVITE" in ladder and "BYE" in ladder, "the ladder tells the call")
    sensors = {sensor["id"] for sensor in system.json_lines("sensors", "list")}
    report.equal(sensors, {"s1", "s2"}, "sensors")
    top = system.cli("top").stdout
    report.expect("0 calls in progress" in top and "s1" in top and "s2" in top,
                  f"top, without a terminal, shows a screen:\n{top}")
    report.equal(system.cli("calls", "show", "0" * 32, check=False).returncode, 3,
                 "exit code for a call that is not there")


def main():
    options = harness.arguments()
    report = harness.Report()
    report.case = "two switches"
    with harness.System(options.bin, tls=True) as system:
        system.replay({"s1": [VOICES / "sw1.pcap"], "s2": [VOICES / "sw2.pcap"]})
        calls = system.calls()
        if report.equal(len(calls), 1, "calls"):
            check_call(report, calls[0])
            check_audio(report, system, calls[0])
            check_answers(report, system, calls[0])
        report.equal(system.stop_collector(), 0, "exit code of the collector")
        system.start_collector()
        report.equal(system.calls(), calls, "calls after a restart")
        report.equal(system.stop_collector(), 0, "exit code after the restart")
        for name in ("collector", "s1", "s2"):
            log = system.log(name)
            if not report.expect("Sanitizer" not in log and "runtime error" not in log,
                                 f"no sanitizer's report in the log of {name}"):
                print(log)
    report.finish()


main()
