"""How many calls there were: CountCalls, by gRPC's command line and by JSON, against the same counted
by hand of what ListCalls has: by time, site, state and flag; after deletions, a kill and a restart."""

import collections
import datetime
import json

import harness
import span_captures as span
from web_client import Browser

CALLS = 9
QUARTER = 900


def make_calls(path, prefix, network):
    """A capture of calls ten minutes from each other; of each third only one party is heard."""
    capture = span.Capture()
    for n in range(CALLS):
        caller, callee, pbx = (
            span.Host(f"{prefix}{part}{n:02}", f"10.{network}.{part}.{n + 1}",
                      f"02:10:{network:02x}:00:0{part}:{n:02x}", 4000 + 8 * n) for part in (1, 2, 3))
        call = span.Call(capture, f"call{network}-{n}", caller, callee, 600_000 * n, seconds=1 + n % 3, pbx=pbx)
        call.signalling().speech(caller, callee)
        if n % 3 != 2:
            call.speech(callee, caller)
    return capture.write(path)


class Counted(harness.System):
    def start_collector(self):
        self.collector_flags = [*self.collector_flags, "--web-listen", "127.0.0.1:0"]
        super().start_collector()
        self.web = self.collector.stdout.readline().split("web on ")[1].strip()


def at(time):
    """Seconds since 1970; fractions are of no matter here."""
    return int(datetime.datetime.fromisoformat(time[:19] + "+00:00").timestamp())


def stamp(seconds):
    return datetime.datetime.fromtimestamp(seconds, datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def first_site(call):
    for part in call.get("legs", []) + call.get("streams", []):
        for seen in part.get("observations", []):
            return seen.get("site", "")
    return ""


def by_hand(calls, width):
    """{(begin, site): counts}, as calls count --json has them but for the length of talk."""
    rows = collections.defaultdict(lambda: [0, 0, collections.Counter(), collections.Counter()])
    for call in calls:
        row = rows[(at(call["startTime"]) // width * width, first_site(call))]
        row[0] += 1
        row[1] += "answerTime" in call or call["state"] in ("CALL_STATE_ACTIVE", "CALL_STATE_COMPLETED")
        row[2][call["state"]] += 1
        row[3].update(set(call.get("flags", [])) - {"CALL_FLAG_MEDIA_DELETED"})
    return dict(rows)


def by_json(browser, since, until, width, **more):
    status, answer = browser.rpc("CallService/CountCalls", {
        "startFrom": stamp(since), "startBefore": stamp(until), "interval": f"{width}s", "bySite": True, **more})
    if status != 200:
        raise RuntimeError(f"{status} {answer}")
    rows = {}
    for interval in answer["intervals"]:
        for counts in interval.get("counts", []):
            rows[(at(interval["startTime"]), counts.get("site", ""))] = [
                int(counts["calls"]), int(counts.get("answered", 0)),
                collections.Counter({one["state"]: int(one["calls"]) for one in counts.get("states", [])}),
                collections.Counter({one["flag"]: int(one["calls"]) for one in counts.get("flags", [])})]
    return rows, answer["intervals"]


def same(report, system, what):
    """By quarters, hours and days."""
    report.case = what
    calls = system.calls(settle=1.5)
    since = min(at(call["startTime"]) for call in calls) // 86_400 * 86_400
    until = since + 2 * 86_400
    browser = Browser(system.web)
    for width in (QUARTER, 3600, 86_400):
        rows, intervals = by_json(browser, since, until, width)
        report.equal(rows, by_hand(calls, width), f"calls by {width} s")
        report.equal(len(intervals), 2 * 86_400 // width, f"intervals of {width} s")
    only, _ = by_json(browser, since, until, QUARTER, site="bonn")
    report.equal(only, {key: row for key, row in by_hand(calls, QUARTER).items() if key[1] == "bonn"}, "of one site")
    # What is counted at a site is among what was seen there.
    lines = system.json_lines("calls", "count", "--from", stamp(since), "--to", stamp(until), "--by", "hour", "--by-site")
    report.equal({(at(line["start"]), line["site"]): line["calls"] for line in lines},
                 {key: row[0] for key, row in by_hand(calls, 3600).items()}, "the command line's")
    talk = sum(line["talkSeconds"] for line in lines)
    report.expect(0.5 * len(calls) < talk < 5 * len(calls), f"seconds of talk: {talk}")
    return calls, since, until


def shown(report, system, since, until, calls):
    report.case = "table"
    table = system.cli("calls", "count", "--from", stamp(since), "--to", stamp(until), "--by", "hour").stdout
    report.expect("MEAN TALK" in table and f"{len(calls)} calls, " in table and "####" in table, f"the table:\n{table}")
    report.equal(system.cli("calls", "count", "--from", "2000-01-01", "--to", "2000-02-01").stdout, "no calls\n", "of no calls")
    for flags, words in ((("--by", "year"), "none of quarter, hour, day, week"), (("--by", "quarter", "--from", "2000-01-01"), "interval: more than 1000"),
                         (("--from", "nonsense"), "--from: ")):
        refused = system.cli("calls", "count", *flags, check=False)
        report.expect(refused.returncode == 2 and words in refused.stderr and len(refused.stderr.splitlines()) == 1,
                      f"{flags}: {refused.returncode} {refused.stderr}")


def main():
    options = harness.arguments()
    report = harness.Report()
    with Counted(options.bin) as system:
        for site, sensor, prefix, network in (("berlin", "s1", "30", 1), ("bonn", "s2", "228", 2)):
            system.replay({sensor: [make_calls(system.dir / f"{site}.pcap", prefix, network)]}, site=site)
        calls, since, until = same(report, system, "as captured")
        report.equal(len(calls), 2 * CALLS, f"calls: {json.dumps([call['id'] for call in calls])}")
        shown(report, system, since, until, calls)
        for call in calls[:3]:
            system.cli("calls", "delete", call["id"], "--reason", "by letter", "--yes")
        left, *_ = same(report, system, "after deletions")
        report.equal(len(left), 2 * CALLS - 3, "calls that are left")
        system.kill_collector()
        system.start_collector()
        same(report, system, "after a kill")
        # The same once more: no call is counted twice.
        system.replay({"s3": [make_calls(system.dir / "again.pcap", "30", 1)]}, site="paris")
        same(report, system, "seen at another site, too")
        system.stop_collector()
        system.start_collector()
        same(report, system, "after a restart")
    report.finish()


main()
