"""Legal hold, deletion on order and retention: from packets to what users can still get, and to
the bytes on the collector's disk."""

import json
import shutil
import time

import harness
import span_captures as span
from web_client import Browser

DAY_NS = 86_400 * 10**9
PURGE_S = 240  # An order's bytes: a minute until it begins, and as long as it takes.


def make_call(path, name, network, ago_ns, number="+4930"):
    """A capture of one call that began so long ago, and its RTP's bytes."""
    hosts = [span.Host(f"{number}{network}{part}7711", f"10.{network}.{part}.1",
                       f"02:10:{network:02x}:00:0{part}:01") for part in (1, 2, 3)]
    capture = span.Capture()
    call = span.Call(capture, name, hosts[0], hosts[1], seconds=4, pbx=hosts[2])
    call.signalling().both_speak()
    call.rtcp(hosts[0], hosts[1], heard=True)
    call.rtcp(hosts[1], hosts[0], heard=True)
    capture.shift(time.time_ns() - ago_ns - span.START_NS)
    voice = span.random.Random(f"{name}{hosts[0].number}").randbytes(160)
    return capture.write(path), hosts[0].number, voice[40:120]


class Keeper(harness.System):
    """A collector with `settings` in its file."""

    def __init__(self, bin_dir, *settings):
        super().__init__(bin_dir)
        self.settings = list(settings)

    def start_collector(self):
        (self.dir / "collector.yaml").write_text("\n".join(["log: {level: info}", *self.settings])
                                                 + "\n")
        self.collector_flags = ["--config", self.dir / "collector.yaml", "--web-listen",
                                "127.0.0.1:0"]
        super().start_collector()
        self.web = Browser(self.collector.stdout.readline().split("web on ")[1].strip())

    def restart(self, *settings):
        self.settings = list(settings) or self.settings
        self.kill_collector()
        self.start_collector()

    def holding(self, text):
        """Files of the data folder that have these bytes."""
        return [file.name for file in (self.dir / "data").rglob("*")
                if file.is_file() and text in file.read_bytes()]

    def ids(self):
        return {call["id"] for call in self.list_calls()}

    def refusal(self, *command):
        result = self.cli(*command, check=False)
        return (result.returncode, result.stderr) if result.returncode else None

    def acts(self):
        return [(entry["act"], entry.get("target", ""), entry.get("detail", ""))
                for entry in self.json_lines("audit", "list")]


def becomes(wanted, timeout):
    deadline = time.monotonic() + timeout
    while not (holds := wanted()) and time.monotonic() < deadline:
        time.sleep(0.5)
    return holds


def hold(report, system, call):
    report.case = "hold"
    reason = "case 4711, asked for by counsel"
    held = system.json_lines("calls", "hold", call[:8], "--reason", reason)
    report.equal(held[0]["hold"]["reason"], reason, "what is answered")
    report.equal([listed["id"] for listed in system.list_calls() if "hold" in listed], [call],
                 "what a listing shows on hold")
    report.expect("on hold" in system.cli("calls", "show", call).stdout, "words for people")
    code, words = system.refusal("calls", "delete", call, "--reason", "order", "--yes") or (0, "")
    report.expect(code == 1 and "on hold" in words, f"a deletion is refused: {words!r}")
    report.equal(system.refusal("calls", "hold", call)[0], 2, "exit code without a reason")
    status, answer = system.web.rpc("CallService/HoldCall", {"id": call, "reason": "a\nb"})
    report.equal(status, 400, f"status of a reason of two lines ({answer})")
    system.restart()
    report.expect("hold" in system.json_lines("calls", "show", call)[0], "still held after kill -9")
    system.cli("calls", "release", call, "--reason", "case closed")
    report.expect("hold" not in system.json_lines("calls", "show", call)[0], "released")
    report.expect("not on hold" in system.refusal("calls", "release", call, "--reason", "x")[1],
                  "a second release is refused")
    report.expect({("AUDIT_ACT_HOLD_CALL", call, reason),
                   ("AUDIT_ACT_RELEASE_CALL", call, "case closed")} <= set(system.acts()),
                  "the audit log has both")


def delete(report, system, gone, kept):
    """`gone`, `kept`: (file, number, voice, id)."""
    report.case = "delete"
    for what in gone[1].encode(), gone[2]:
        report.expect(system.holding(what), f"before it {what[:12]!r} is on the disk")
    whole = system.audio(kept[3])[1]
    with system.web.events("CallService/WatchCalls") as events:
        next(events)
        time.sleep(1)  # The head of the answer may be ahead of the watch.
        (deleted,) = system.json_lines("calls", "delete", "--number", gone[1], "--reason",
                                       "request by letter of 3 May", "--yes")
        event = next(data for name, data in events
                     if name and data["change"] == "CHANGE_REMOVED")
    report.equal(event["call"]["id"], gone[3], "a watcher hears of it")
    report.expect(gone[1] not in json.dumps(event), f"and of its id alone: {event}")
    report.equal(deleted["callId"], gone[3], "what was deleted")
    report.expect(int(deleted["frames"]) > 12 and deleted["observations"] >= 4, f"{deleted}")
    report.equal(system.ids(), {kept[3]}, "calls that are left")
    for command in ("show", "ladder", "audio", "packets"):
        options = ["-o", system.dir / "none"] if command in ("audio", "packets") else []
        report.equal(system.cli("calls", command, gone[3], *options, check=False).returncode, 3,
                     f"exit code of calls {command}")
    report.expect(("AUDIT_ACT_DELETE_CALL", gone[3], "request by letter of 3 May")
                  in system.acts(), "the audit log has it")

    report.case = "delivered again"
    shutil.rmtree(system.dir / "spool-s1")  # Else the sensor knows that it was delivered.
    system.replay({"s1": [gone[0]]})
    # A capture point that was cut off all the time.
    system.replay({"s2": [gone[0]]})
    becomes(lambda: system.waiting() == 0, 20)
    time.sleep(1)
    report.equal(system.ids(), {kept[3]}, "calls")
    dropped = {sensor["id"]: int(sensor.get("framesDeleted", 0))
               for sensor in system.json_lines("sensors", "list")}
    report.expect(dropped["s1"] > 12 and dropped["s2"] > 12, f"frames dropped: {dropped}")

    report.case = "bytes"
    left = {}

    def clean():
        left.update({what: system.holding(what) for what in (gone[1].encode(), gone[2])})
        return not any(left.values())
    begun = time.monotonic()
    report.expect(becomes(clean, PURGE_S), f"all is off the disk: {left}")
    print(f"  off the disk after {time.monotonic() - begun:.0f} s")
    report.expect(system.holding(kept[2]), "what was not deleted is there")
    report.expect(all((a == b).all() for a, b in zip(system.audio(kept[3])[1], whole)),
                  "the other recording is the same")
    system.restart()
    report.equal(system.ids(), {kept[3]}, "calls after kill -9")


def orders(report, bin_dir):
    with Keeper(bin_dir) as system:
        gone = make_call(system.dir / "gone.pcap", "gone", 1, DAY_NS)
        kept = make_call(system.dir / "kept.pcap", "kept", 2, DAY_NS, "+49228")
        system.replay({"s1": [gone[0], kept[0]]})
        ids = {call["caller"]: call["id"] for call in system.calls()}
        hold(report, system, ids[gone[1]])
        delete(report, system, (*gone, ids[gone[1]]), (*kept, ids[kept[1]]))


def retention(report, bin_dir):
    report.case = "retention"
    with Keeper(bin_dir) as system:
        files = {name: make_call(system.dir / f"{name}.pcap", name, network, ago * DAY_NS)
                 for network, (name, ago) in enumerate(
                     (("ancient", 200), ("old", 40), ("held", 41), ("ruled", 42), ("young", 3)), 1)}
        system.replay({"s1": [file for file, _, _ in files.values()]})
        of_number = {call["caller"]: call["id"] for call in system.calls()}
        ids = {name: of_number[number] for name, (_, number, _) in files.items()}
        system.cli("calls", "hold", ids["held"], "--reason", "case 4711")
        before = {name: system.audio(ids[name])[1] for name in ("held", "ruled", "young")}
        system.restart("retention:", "  media_days: 30", "  call_days: 90", "  rules:",
                       f"    - {{numbers: ['{files['ruled'][1]}'], call_days: 365}}")
        report.expect(becomes(lambda: ids["ancient"] not in system.ids(), 60), "the ancient went")
        report.equal(system.ids(), set(ids.values()) - {ids["ancient"]}, "all others are there")

        def flagged():
            return {call["id"] for call in system.list_calls()
                    if "CALL_FLAG_MEDIA_DELETED" in call.get("flags", [])}
        report.expect(becomes(lambda: flagged() == {ids["old"]}, 30), f"flags: {flagged()}")
        code, words = system.refusal("calls", "audio", ids["old"], "-o", system.dir / "x.wav")
        report.expect(code == 1 and "media of this call were deleted" in words, words)
        status, _, body = system.web.audio(ids["old"])
        report.expect(status == 400 and b"failed_precondition" in body, f"{status} {body!r}")
        report.expect("INVITE" in system.cli("calls", "ladder", ids["old"]).stdout,
                      "its messages are there")
        for name, samples in before.items():
            after = system.audio(ids[name])[1]
            report.expect(all((a == b).all() for a, b in zip(after, samples)),
                          f"the recording of the {name} one is the same")
        expired = [detail for act, _, detail in system.acts() if act == "AUDIT_ACT_EXPIRE"]
        report.expect(any("media from before" in text for text in expired) and
                      any("1 calls" in text for text in expired), f"noted: {expired}")
        shown = system.cli("retention").stdout
        report.expect("30 days" in shown and "365 days" in shown and "GiB" in shown, shown)
        metrics = system.web.ask("GET", "/metrics")[2].decode()
        report.expect("callbraid_retention_expired_calls_total 1\n" in metrics, "metrics")
        system.restart()
        report.equal(system.ids(), set(ids.values()) - {ids["ancient"]}, "calls after kill -9")


def main():
    options = harness.arguments()
    report = harness.Report()
    for case in (orders, retention):
        if options.only in case.__name__:
            print(case.__name__)
            case(report, options.bin)
    report.finish()


if __name__ == "__main__":
    main()
