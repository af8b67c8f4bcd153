"""Call detail records of a PBX against what was recorded.

The PBX is the quickstart's: its records are written here from what tshark reads in the capture,
as cdr_csv of Asterisk has them; then with what a PBX may say besides.
"""

import csv
import datetime
import io
import subprocess

import harness

CAPTURE = harness.ROOT / "deploy/quickstart.d/sw1.pcap"
OUTCOMES = ("outcome", "caller", "callee")


def messages():
    """(time, method or "", status or "", method of the CSeq) of each SIP message, by tshark."""
    fields = ("frame.time_epoch", "sip.Method", "sip.Status-Code", "sip.CSeq.method")
    lines = subprocess.run(
        ["tshark", "-r", CAPTURE, "-Y", "sip", "-T", "fields",
         *(argument for field in fields for argument in ("-e", field))],
        check=True, capture_output=True, text=True).stdout.splitlines()
    return [(float(time), *rest) for time, *rest in (line.split("\t") for line in lines)]


def record(caller, callee, start, answer, end, zone=datetime.timezone.utc):
    """A line of Master.csv; `answer` None: nobody did."""
    def stamp(time):
        if time is None:
            return ""
        return datetime.datetime.fromtimestamp(time, zone).strftime("%Y-%m-%d %H:%M:%S")
    out = io.StringIO()
    csv.writer(out, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\n").writerow(
        ["", caller, callee, "from-internal", f'"Phone" <{caller}>', f"PJSIP/{caller}-1",
         f"PJSIP/{callee}-2", "Dial", f"PJSIP/{callee}", stamp(start), stamp(answer), stamp(end),
         int(end - start), int(end - answer) if answer else 0,
         "ANSWERED" if answer else "NO ANSWER", "DOCUMENTATION", f"{start:.0f}.1", ""])
    return out.getvalue()


class Pbx:
    """What the capture's PBX would have written."""

    def __init__(self):
        sip = messages()
        self.start = next(time for time, method, *_ in sip if method == "INVITE")
        self.answer = next(time for time, _, status, of in sip
                           if status == "200" and of == "INVITE")
        self.end = next(time for time, method, *_ in sip if method == "BYE")

    def true_record(self, zone=datetime.timezone.utc):
        return record("101", "103", self.start, self.answer, self.end, zone)


class Case:
    def __init__(self, report, system):
        self.report = report
        self.system = system

    def reconcile(self, text, *flags, expect):
        path = self.system.dir / "Master.csv"
        path.write_text(text)
        result = self.system.cli("calls", "reconcile", path, "--zone", "UTC", *flags, check=False)
        self.report.equal(result.returncode, expect, f"exit code; it says: {result.stderr.strip()}")
        return result

    def outcomes(self, text, *flags, expect):
        import json
        lines = self.reconcile(text, "--json", *flags, expect=expect).stdout.splitlines()
        return [tuple(json.loads(line).get(key, "") for key in OUTCOMES) for line in lines]


def check_true(case, pbx):
    case.report.equal(case.outcomes(pbx.true_record(), expect=0), [("whole", "101", "103")],
                      "the true record")
    text = case.reconcile(pbx.true_record(), expect=0).stdout
    case.report.expect("Asterisk, 1 row" in text and "recorded whole" in text,
                       f"the summary says so:\n{text}")
    # The country code that the trunk adds, in the one or the other.
    case.report.equal(
        case.outcomes(record("+4930101", "103", pbx.start, pbx.answer, pbx.end), expect=0),
        [("whole", "+4930101", "103")], "a number that is written in full")


def check_lacking(case, pbx):
    lost = record("101", "105", pbx.start + 1, pbx.start + 2, pbx.end)
    busy = record("101", "106", pbx.start + 1, None, pbx.start + 3)
    longer = record("101", "103", pbx.start, pbx.answer, pbx.end + 5)
    case.report.equal(
        case.outcomes(pbx.true_record() + lost + busy, expect=1),
        [("whole", "101", "103"), ("missing", "101", "105"), ("not seen", "101", "106")],
        "a call that no sensor saw")
    case.report.equal(case.outcomes(longer, expect=1), [("shorter", "101", "103")],
                      "the PBX says it talked for longer")
    case.report.equal(case.outcomes(longer, "--slack", "10s", expect=0),
                      [("whole", "101", "103")], "within the slack")
    other = record("107", "108", pbx.start - 5, pbx.start - 4, pbx.end) + record(
        "107", "108", pbx.end, None, pbx.end + 1)
    case.report.equal(
        case.outcomes(other, expect=1)[-1][0], "not in the file", "a call that the PBX does not know")


def check_mistakes(case, pbx):
    berlin = datetime.timezone(datetime.timedelta(hours=2))
    # Three of them: one alone tells nothing.
    text = pbx.true_record(berlin) * 3
    hint = case.reconcile(text, expect=1).stderr
    case.report.expect("2h earlier" in hint and "--zone" in hint, f"another time zone: {hint}")
    wrong = case.reconcile("a,b\n1,2\n", expect=2).stderr
    case.report.expect("--columns" in wrong and len(wrong.strip().splitlines()) == 1,
                       f"no call detail records: {wrong}")
    gone = case.system.cli("calls", "reconcile", "/nowhere/Master.csv", check=False)
    case.report.equal(gone.returncode, 2, f"no such file: {gone.stderr.strip()}")


def check_large(case, pbx):
    """A file that is sent in parts: as PBXs keep them, every call that there ever was."""
    others = "".join(record("201", f"{3000 + i % 900}", pbx.start - 86400 + 3 * i, None, pbx.start - 86399 + 3 * i)
                     for i in range(25_000))
    whole = case.reconcile(others + pbx.true_record(), expect=0).stdout
    case.report.expect("Asterisk, 25,001 rows" in whole and "0 answered calls without a row" in whole,
                       f"the parts add up:\n{whole}")
    # They tried again, which no sensor saw; as a PBX writes it that does not sort by start.
    again = record("101", "103", pbx.start + 3, pbx.answer + 3, pbx.end)
    lines = case.reconcile(again + others + pbx.true_record(), "--json", expect=1).stdout.splitlines()
    import json
    answered = [json.loads(line) for line in lines if '"callee":"103"' in line]
    case.report.equal([(one["record"], one["outcome"]) for one in answered],
                      [(1, "missing"), (25_002, "whole")], "a call is one record's, in whatever part")
    titled = "start,src,dst,answer,billsec\n" + "".join(
        f"{pbx.start - 86400 + i:.0f},201,{3000 + i % 900},,0\n" for i in range(12_000))
    row = f"{pbx.start:.0f},101,105,{pbx.answer:.0f},7\n"
    lines = case.reconcile(titled + row, "--json", expect=1).stdout.splitlines()
    missing = [json.loads(line) for line in lines if '"missing"' in line]
    case.report.equal([(one["record"], one["callee"]) for one in missing], [(12_002, "105")],
                      "its number is that in the file")
    huge = case.reconcile('a,b\n"' + "x" * (4 << 20) + '"\n', expect=2).stderr
    case.report.expect("record 2 is longer than" in huge and len(huge.strip().splitlines()) == 1,
                       f"a record that is none: {huge[:200]}")


def check_day(case, whole):
    day, = case.system.json_lines("calls", "completeness", "--from", "2000-01-01")
    case.report.equal((day["site"], day["answered"], day["whole"], day["no media"]),
                      ("test", 1, whole, 1 - whole), "the day's answered calls")
    table = case.system.cli("calls", "completeness", "--from", "2000-01-01").stdout
    case.report.expect("ANSWERED" in table and day["day"] in table, f"the table:\n{table}")


def main():
    options = harness.arguments()
    report = harness.Report()
    pbx = Pbx()
    report.case = "all of it"
    with harness.System(options.bin) as system:
        system.replay({"s1": [CAPTURE]})
        system.calls()
        case = Case(report, system)
        check_true(case, pbx)
        check_lacking(case, pbx)
        check_mistakes(case, pbx)
        check_large(case, pbx)
        check_day(case, whole=1)
    report.case = "signalling only"
    with harness.System(options.bin) as system:
        only_sip = system.dir / "sip.pcap"
        subprocess.run(["tshark", "-r", CAPTURE, "-Y", "sip", "-F", "pcap", "-w", only_sip],
                       check=True, stderr=subprocess.DEVNULL)
        system.replay({"s1": [only_sip]})
        system.calls()
        case = Case(report, system)
        report.equal(case.outcomes(pbx.true_record(), expect=1), [("no media", "101", "103")],
                     "a call whose phones no port mirrors")
        check_day(case, whole=0)
    report.finish()


main()
