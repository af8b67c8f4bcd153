"""What happens to calls, out of the collector: webhooks whose receiver fails in every way, and a
collector that is killed meanwhile. From captured packets to what a receiver was sent."""

import collections
import csv
import json
import pathlib
import re
import secrets
import sys
import time

import harness
from event_system import Events
from web_client import Browser
from webhook_receiver import Receiver

SAID = ("takes no events", "takes events again")
LIFE = ["STARTED", "ANSWERED", "ENDED", "SETTLED"]
CDR_FILES = ["cdr_files:", "  - name: billing", "    folder: {dir}/cdr", "    rotate_minutes: 1",
             "  - name: archive", "    folder: {dir}/cdr", "    rotate_minutes: 1",
             "    format: jsonl"]


def kinds(events, call_id):
    return [event["kind"].removeprefix("CALL_EVENT_KIND_") for event in events
            if event["callId"] == call_id]


def all_settled(system):
    ids = {call["id"] for call in system.calls()}
    return lambda events: ids <= {event["callId"] for event in events
                                  if event["kind"] == "CALL_EVENT_KIND_SETTLED"}


def expect_whole(report, system, receiver, ids=None):
    """Each call of the collector went through its life in order, and no other is left over."""
    calls = {call["id"]: call for call in system.calls()}
    events = receiver.first_of_each()
    for call_id in ids or calls:
        life = [kind for kind in kinds(events, call_id) if kind in LIFE]
        report.equal(life, LIFE, f"life of call {call_id[:8]}")
    for call_id in {event["callId"] for event in events} - set(calls):
        report.expect(kinds(events, call_id)[-1] in ("MERGED", "REMOVED"),
                      f"{call_id[:8]}, which is no call of its own, was said to be gone")
    report.equal(receiver.forged, 0, "requests whose signature does not verify")


def bodies(report, bin_dir):
    """What is sent is what the API has, to whom it concerns."""
    report.case = "bodies"
    everyone, bonn = Receiver(b"0123456789abcdef"), Receiver(secrets.token_hex(32).encode())
    with Events(bin_dir, {"everyone": (everyone, {}),
                          "bonn": (bonn, {"sites": "[bonn]", "events": "[settled]"})}) as system:
        system.add_calls(3)
        system.add_calls(2, site="bonn", sensor="s2")
        report.expect(everyone.wait_for(all_settled(system)), "all calls are told of")
        report.equal(len(system.list_calls()), 5, "calls")
        expect_whole(report, system, everyone)
        browser = Browser(system.web)
        for event in everyone.first_of_each():
            if event["kind"] == "CALL_EVENT_KIND_SETTLED":
                _, answer = browser.rpc("CallService/GetCall", {"id": event["callId"]})
                report.equal(event["call"], answer["call"], "call in the event and of the API")
        report.expect(bonn.wait_for(lambda events: len(events) == 2), "Bonn hears of its calls")
        for event in bonn.snapshot():
            report.equal(event["kind"], "CALL_EVENT_KIND_SETTLED", "kind that was asked for")
            sites = {observation["site"] for leg in event["call"]["legs"]
                     for observation in leg["observations"]}
            report.equal(sites, {"bonn"}, "sites")
        report.equal(len(bonn.snapshot()), 2, "events for Bonn")
        metrics = system.metrics()
        report.equal(metrics["callbraid_events_delivered_total", "everyone", ""],
                     len(everyone.snapshot()), "delivered, by the metrics")
        report.expect(system.metric_becomes("waiting", "everyone", lambda value: value == 0),
                      "nothing waits")
        for secret in (everyone.secret, bonn.secret):
            report.expect(secret.decode() not in system.log("collector"), "no secret in the log")


def outages(report, bin_dir):
    """Nothing is lost, and the order holds, whatever receiver and collector do."""
    report.case = "outages"
    receiver = Receiver(b"0123456789abcdef")
    with Events(bin_dir, {"crm": (receiver, {"timeout_s": 2})}, more=CDR_FILES) as system:
        system.add_calls(3)
        report.expect(receiver.wait_for(all_settled(system)), "all is told while all is well")

        said = [system.log("collector").count(words) for words in SAID]
        receiver.close()
        system.add_calls(4)
        report.expect(system.metric_becomes("waiting", "crm", lambda value: value >= 16),
                      "events of four calls wait")
        time.sleep(1.1)
        report.equal(system.log("collector").count(SAID[0]) - said[0], 1,
                     "lines that say the receiver is down")
        metrics = system.metrics()
        report.equal(metrics["callbraid_events_sink_down", "crm", ""], 1, "down")
        report.expect(metrics["callbraid_events_oldest_seconds", "crm", ""] > 1,
                      "the oldest event has an age")
        before = len(receiver.first_of_each())
        receiver.open()
        report.expect(receiver.wait_for(all_settled(system)), "it catches up")
        report.equal(system.log("collector").count(SAID[1]) - said[1], 1,
                     "lines that say it is back")
        report.expect(len(receiver.first_of_each()) >= before + 16, "what waited came")

        receiver.mode = "500"
        system.add_calls(3)
        time.sleep(1)
        system.restart()
        system.add_calls(3)
        for mode in ("flaky", "slow", "flaky"):
            receiver.mode = mode
            time.sleep(1.2)
            system.restart()
        receiver.close()
        system.add_calls(2)
        system.restart()
        receiver.open()
        receiver.mode = "ok"
        report.expect(receiver.wait_for(all_settled(system)), "all is told in the end")
        report.equal(len(system.list_calls()), 15, "calls")
        expect_whole(report, system, receiver)
        repeated = collections.Counter(event["id"] for event in receiver.snapshot())
        bodies_of = collections.defaultdict(set)
        for event in receiver.snapshot():
            bodies_of[event["id"]].add((event["kind"], event["callId"]))
        report.expect(all(len(bodies) == 1 for bodies in bodies_of.values()),
                      "an event that comes again has the same id, kind and call")
        print(f"  {sum(repeated.values())} requests were taken for {len(repeated)} events; answers "
              f"{dict(receiver.answers)}")
        metrics = system.metrics()
        for reason in ("refused", "expired", "gone"):
            report.equal(metrics["callbraid_events_lost_total", "crm", reason], 0, reason)
        records(report, system)


def records(report, system):
    """The collector was killed all the time: each call has one line, in files that are finished."""
    report.case = "records"
    folder = system.dir / "cdr"
    deadline = time.monotonic() + 90
    while any(folder.glob(".*.part")) and time.monotonic() < deadline:
        time.sleep(0.5)
    files = sorted(file.name for file in folder.iterdir())
    report.expect(all(re.fullmatch(r"(billing|archive)-\d{8}T\d{6}Z-\d+\.(csv|jsonl)", name)
                      for name in files), f"all files are finished: {files}")
    calls = {call["id"]: call for call in system.calls()}
    merged, rows = set(), []
    for file in sorted(folder.glob("billing-*")):
        with open(file, newline="") as lines:
            for row in csv.DictReader(lines):
                (merged.add(row["id"]) if row["merged_into"] else rows.append(row))
    rows = [row for row in rows if row["id"] not in merged]
    report.equal(sorted(row["id"] for row in rows), sorted(calls), "calls with a line of CSV")
    for row in rows:
        call = calls[row["id"]]
        report.equal((row["caller"], row["callee"], row["state"], row["sites"], row["codecs"]),
                     (call["caller"], call["callee"], "completed", "berlin", "PCMA"),
                     "parties, state, site, codec")
        report.equal(int(row["packets"]), sum(stream["packets"] for stream in call["streams"]),
                     "packets")
        report.expect(1.9 < float(row["talk_s"]) < 2.1, f"talk of two seconds: {row['talk_s']}")
    browser = Browser(system.web)
    lines = [json.loads(line) for file in sorted(folder.glob("archive-*"))
             for line in file.read_text().splitlines()]
    lines = [line for line in lines if "mergedInto" not in line and line["id"] in calls]
    report.equal(sorted(line["id"] for line in lines), sorted(calls), "calls with a line of JSON")
    for line in lines:
        report.equal(line, browser.rpc("CallService/GetCall", {"id": line["id"]})[1]["call"],
                     "line of JSON and the API")


def strangers(report, bin_dir):
    """TLS: who cannot prove to be the receiver gets nothing; nobody is followed elsewhere."""
    report.case = "TLS"
    receiver = Receiver(b"0123456789abcdef")
    other = Receiver(b"0123456789abcdef")
    with Events(bin_dir, {}, tls=True) as system:
        system.kill_collector()
        certs = system.dir / "certs"
        for each in (receiver, other):
            each.close()
            each.certificate = (certs / "collector.pem", certs / "collector.key")
            each.open()
        foreign = system.dir / "foreign.pem"
        foreign.write_bytes(pathlib.Path("/etc/ssl/certs/ca-certificates.crt").read_bytes())
        system.receivers = {"crm": (receiver, {"ca": certs / "ca.pem"}),
                            "stranger": (other, {"ca": foreign})}
        system.start_collector()
        receiver.mode = "302"
        receiver.redirect = other.url("/trap")
        system.add_calls(2)
        deadline = time.monotonic() + 30
        while not receiver.answers[302] and time.monotonic() < deadline:
            time.sleep(0.1)
        report.expect(receiver.answers[302] > 0, "the redirection was given")
        time.sleep(1)
        report.equal(other.answers, collections.Counter(), "requests to where it leads, and to "
                     "whom the authorities do not know")
        receiver.mode = "ok"
        report.expect(receiver.wait_for(all_settled(system)), "the receiver gets all")
        expect_whole(report, system, receiver)
        log = system.log("collector")
        report.expect("it answers 302" in log, "the log says why: redirected")
        report.expect("certificate" in log, "the log says why: not who it should be")


def main():
    options = harness.arguments()
    report = harness.Report()
    for case in (bodies, outages, strangers):
        if options.only in case.__name__:
            case(report, options.bin)
    report.finish()


if __name__ == "__main__":
    sys.exit(main())
