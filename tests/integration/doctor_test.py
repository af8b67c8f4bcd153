"""The doctor, by the real programs: one sick mirror after the other, and what it says of it.

Each case (doctor_cases.py) is read by a sensor, or by two; the kinds of verdicts
must be exactly those expected. Scenes of the lab that are well must raise none.
"""

import concurrent.futures
import time

import harness
from doctor_cases import CASES
from span_captures import B, C, D, PBX


def kinds(diagnosis):
    return sorted(verdict["kind"].removeprefix("VERDICT_KIND_")
                  for verdict in diagnosis.get("verdicts", []))


def check_form(report, diagnosis):
    """What holds of any verdict."""
    for verdict in diagnosis.get("verdicts", []):
        report.expect(verdict["text"].endswith((".", ".)")), f"a sentence: {verdict['text']!r}")
        report.expect(verdict.get("evidence"), f"evidence of {verdict['kind']}")
        report.expect(verdict.get("cure"), f"cure of {verdict['kind']}")


def diagnose(options, name, files_in, expected):
    """The facts of one case. `files_in` makes {sensor: [file...]} in a folder."""
    report = harness.Report()
    report.case = name
    with harness.System(options.bin) as system:
        system.replay(files_in(system.dir))
        system.calls()
        # Clocks are compared every two seconds, after the calls.
        deadline = time.monotonic() + 15
        while True:
            (diagnosis,) = system.json_lines("sensors", "doctor")
            if kinds(diagnosis) == expected or time.monotonic() > deadline:
                break
            time.sleep(0.5)
        lines = [f"{name}: {', '.join(kinds(diagnosis)) or 'nothing is wrong'}"]
        if not report.equal(kinds(diagnosis), expected, "verdicts") or options.verbose:
            lines.append(system.cli("sensors", "doctor").stdout)
        print("\n".join(lines), flush=True)
        check_form(report, diagnosis)
        DETAILS.get(name, lambda *unused: None)(report, diagnosis, system)
    return report


def written(make):
    """Of a case: its captures as files."""
    return lambda folder: {sensor: [capture.write(folder / f"{sensor}.pcap")]
                           for sensor, capture in make().items()}


def check_no_span(report, diagnosis, system):
    text = system.cli("sensors", "doctor").stdout
    report.expect("No SPAN session reaches this port" in text, "words for people")
    report.expect("monitor session 1 source interface" in text, "the command that cures it")
    text = system.cli("sensors", "doctor", "s1", "--switch", "aruba-os").stdout
    report.expect("mirror 1 port" in text, "the command in another family's language")


def check_from_pbx(report, diagnosis, system):
    (verdict,) = diagnosis["verdicts"]
    report.equal(verdict["address"], PBX.address, "whose frames they are")
    report.equal(verdict["mac"], "02:10:00:00:00:10", "MAC")
    report.expect("only frames FROM " in verdict["text"], "direction in words")


def check_to_phone(report, diagnosis, system):
    (verdict,) = diagnosis["verdicts"]
    report.equal(verdict["address"], B.address, "whose frames they are")
    report.expect("only frames TO " in verdict["text"], "direction in words")


def check_never_seen(report, diagnosis, system):
    report.equal(sorted(verdict["address"] for verdict in diagnosis["verdicts"]),
                 [C.address, D.address], "phones")
    report.equal(sorted(verdict["mac"] for verdict in diagnosis["verdicts"]),
                 ["02:10:00:00:01:03", "02:10:00:00:01:04"], "MAC addresses")
    report.equal([verdict["number"] for verdict in diagnosis["verdicts"]], ["103", "104"],
                 "numbers")
    report.equal([verdict["vlanIds"] for verdict in diagnosis["verdicts"]], [[100], [100]],
                 "VLANs")
    text = system.cli("sensors", "doctor").stdout
    report.expect("phone 103 (10.0.0.103, MAC 02:10:00:00:01:03, VLAN 100)" in
                  " ".join(text.split()), f"the phone in words: {text!r}")
    report.expect(all("show mac address-table address 0210.0000.010" in
                      "\n".join(verdict["commands"]) for verdict in diagnosis["verdicts"]),
                  "commands that find the ports")
    pasted = system.dir / "switch.txt"
    pasted.write_text("Session 1\n---------\nSource Ports :\n    RX Only : Fa0/5-8\n"
                      "Destination Ports : Fa0/3\n    Encapsulation : Replicate\n"
                      "Vlan    Mac Address       Type        Ports\n"
                      "   1    0210.0000.0101    DYNAMIC     Fa0/6\n"
                      "   1    0210.0000.0103    DYNAMIC     Fa0/9\n"
                      "   1    0210.0000.0104    DYNAMIC     Fa0/10\n")
    text = system.cli("switch-config", "check", pasted).stdout
    report.expect("Port Fa0/9 of phone 103 (10.0.0.103)" in text, f"port of 103 in {text!r}")
    report.expect("monitor session 1 source interface Fa0/10 rx" in text, "command for 104")


def check_not_mirrored(report, diagnosis, system):
    (verdict,) = diagnosis["verdicts"]
    report.equal((verdict["address"], verdict["severity"]), (B.address, "SEVERITY_PROBLEM"),
                 "whose port it is, and that it is sure")


def check_tags(report, diagnosis, system):
    report.expect("VLAN 100" in diagnosis["capturePoints"][0]["summary"], "tag in the summary")


def check_phones(report, diagnosis, system):
    phones = system.json_lines("sensors", "phones")
    report.equal([(phone["number"], phone["address"], phone["mac"], phone["userAgent"],
                   phone["capturePoint"].split("/")[0]) for phone in phones],
                 [(n, f"10.0.0.{n}", f"02:10:00:00:01:0{n[-1]}", f"Phone of {n}", "s1")
                  for n in ("101", "102", "103")], "phones that registered")
    report.equal(system.cli("sensors", "phones", "--number", "102").stdout.count("10.0.0."), 1,
                 "phones with that number")
    report.equal(system.calls(), [], "no call comes of them")


def check_clean(report, diagnosis, system):
    summary = diagnosis["capturePoints"][0]["summary"]
    report.expect(summary.startswith("PBX 10.0.0.10, 2 phones, both directions"), summary)
    report.equal(system.cli("sensors", "doctor").stdout.splitlines()[-1],
                 "Nothing is wrong, by 1 capture point and 1 call.", "conclusion")
    missing = system.cli("sensors", "doctor", "nosuch", check=False)
    report.equal(missing.returncode, 3, "exit code for a sensor that is not there")


DETAILS = {
    "no_span_session": check_no_span,
    "one_direction_from_the_pbx": check_from_pbx,
    "one_direction_to_a_phone": check_to_phone,
    "media_never_seen": check_never_seen,
    "port_not_mirrored_by_rtcp": check_not_mirrored,
    "tags_that_are_followed": check_tags,
    "clean": check_clean,
    "a_quiet_night": check_phones,
}

LAB = {"a1-ext-rtpengine": [], "b-local-trunk": [], "c1-local-sw2": [], "c2-local-sw2-mediaonly": [],
       "d1-hold-dtmf-g722": [], "e-impaired-trunk": [],
       "f2-span-duplicates": ["EVERYTHING_TWICE", "EVERYTHING_TWICE"], "h-vlan-tagged": []}


def of_lab(scene):
    """Of a capture by others: the files of its two switches."""
    folder = harness.SHARED / "lab" / scene
    return lambda unused: {"s1": [folder / "sw1.pcap"], "s2": [folder / "sw2.pcap"]}


def main():
    options = harness.arguments()
    jobs = [(name, written(make), expected) for name, make, expected in CASES]
    if (harness.SHARED / "lab").is_dir():
        jobs += [(scene, of_lab(scene), expected) for scene, expected in LAB.items()]
    else:
        print(f"scenes of the lab skipped: {harness.SHARED}/lab is not there")
    jobs = [job for job in jobs if options.only in job[0]]
    report = harness.Report()
    # They mostly wait.
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        for case in pool.map(lambda job: diagnose(options, *job), jobs):
            report.checked += case.checked
            report.failures += case.failures
    print(f"{len(jobs)} cases")
    report.finish()


main()
