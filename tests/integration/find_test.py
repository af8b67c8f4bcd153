"""Finding calls, and writing about them: every condition of ListCalls against the same question
asked of all calls, by gRPC and by JSON; tags and notes from the command line to the list, with who
may and who wrote last; what people wrote goes with a call that becomes part of another one."""

import itertools

import harness
import span_captures as span
from web_client import Browser

LAB = "lab"
SCENE = "b-local-trunk"


def refuse(call):
    """Signalling of a call whose callee is busy."""
    uri = f"sip:{call.callee.number}@{call.callee.address}"
    for hop, (near, far) in enumerate(((call.caller, call.pbx), (call.pbx, call.callee))):
        lag, tag = hop * span.MS, f";tag={call.name}b"
        call.message(call.start_ns + lag, near, far, f"INVITE {uri} SIP/2.0", f"i{hop}", "INVITE",
                     span.sdp(call.caller))
        call.message(call.answer_ns - lag, far, near, "SIP/2.0 486 Busy Here", f"i{hop}", "INVITE",
                     to_tag=tag)
        call.message(call.answer_ns + 5 * span.MS - lag, near, far, f"ACK {uri} SIP/2.0", f"i{hop}", "ACK",
                     to_tag=tag)


def make_calls(path, prefix, network, count, first_ms=0):
    """A capture of calls of one to three seconds; those of three are one-way, some of the
    others lose packets; and of one that is refused."""
    capture = span.Capture()
    for n in range(count + 1):
        caller, callee, pbx = (
            span.Host(f"{prefix}{part}{n:02}", f"10.{network}.{part}.{n + 1}",
                      f"02:10:{network:02x}:00:0{part}:{n:02x}", 4000 + 8 * n) for part in (1, 2, 3))
        call = span.Call(capture, f"call{network}-{n}", caller, callee, first_ms + 300 * n,
                         seconds=1 + n % 3, pbx=pbx)
        if n == count:
            refuse(call)
            continue
        call.signalling().speech(caller, callee)
        if n % 3 != 2:
            call.speech(callee, caller, keep=lambda packet, n=n: n % 4 != 1 or packet % 10 != 5)
    return capture.write(path)


class Found(harness.System):
    def start_collector(self):
        self.collector_flags += ["--web-listen", "127.0.0.1:0"]
        super().start_collector()
        self.web = self.collector.stdout.readline().split("web on ")[1].strip()


def seconds(call):
    begin, end = (call[key][:19] + "Z" for key in ("startTime", "endTime"))
    fraction = [float("0" + call[key][19:-1]) if len(call[key]) > 20 else 0.0
                for key in ("startTime", "endTime")]
    day = [int(part) for time in (begin, end) for part in time[11:19].split(":")]
    whole = (day[3] - day[0]) * 3600 + (day[4] - day[1]) * 60 + day[5] - day[2]
    return whole + fraction[1] - fraction[0]


def sites(call):
    return {seen["site"] for part in call.get("legs", []) + call.get("streams", [])
            for seen in part["observations"]}


def texts(call):
    return [call.get(key, "").lower() for key in ("caller", "callee", "callerName", "calleeName")]


def conditions(calls):
    """(flags of the command line, request, what it means)"""
    some = calls[len(calls) // 2]
    number, middle = some["caller"], some["callee"][2:6]
    length = sorted(seconds(call) for call in calls)[len(calls) // 2]
    whole = int(length)
    flag = next((flag for call in calls for flag in call.get("flags", [])), "CALL_FLAG_ONE_WAY")
    word = flag.removeprefix("CALL_FLAG_").lower().replace("_", "-")
    yield ("--site", "bonn"), {"site": "bonn"}, lambda call: "bonn" in sites(call)
    yield ("--text", middle), {"text": middle}, lambda call: any(middle in t for t in texts(call))
    yield ("--number", number[:5]), {"numberPrefix": number[:5]}, lambda call: any(
        call[key].startswith(number[:5]) for key in ("caller", "callee"))
    yield ("--flag", word), {"flags": [flag]}, lambda call: flag in call.get("flags", [])
    yield ("--longer", f"{whole}s"), {"minLength": f"{whole}s"}, lambda call: seconds(call) >= whole
    yield ("--shorter", f"{whole}s"), {"maxLength": f"{whole}s"}, lambda call: seconds(call) < whole
    yield ("--mos-below", "3.6"), {"maxMos": 3.6}, lambda call: call.get("listeningMos", 9) < 3.6
    yield ("--mos-above", "4.41"), {"minMos": 4.41}, lambda call: call.get("listeningMos", 0) >= 4.41
    yield ("--sensor", "s2"), {"sensor": "s2"}, lambda call: "s2" in call["sensors"]
    yield (("--state", "completed"), {"states": ["CALL_STATE_COMPLETED"]},
           lambda call: call["state"] == "CALL_STATE_COMPLETED")
    yield ("--tag", "vip"), {"tag": "vip"}, lambda call: "vip" in (
        call.get("annotation") or {}).get("tags", [])
    yield ("--on-hold",), {"onHold": True}, lambda call: bool(call.get("hold"))


def by_json(browser, request):
    """Ids of all pages, each of two calls."""
    ids, token = [], ""
    while True:
        status, page = browser.rpc("CallService/ListCalls", {
            **request, "pageSize": 2, **({"pageToken": token} if token else {})})
        if status != 200:
            raise RuntimeError(f"{request}: {status} {page}")
        ids += [call["id"] for call in page.get("calls", [])]
        token = page.get("nextPageToken", "")
        if not token:
            return ids


def search(report, system):
    """Each condition alone, and each two together."""
    report.case = "search"
    browser = Browser(system.web)
    calls = sorted(system.calls(settle=1.5), key=lambda call: call["id"])
    system.cli("calls", "tag", calls[0]["id"], "vip,second")
    system.cli("calls", "hold", calls[1]["id"], "--reason", "claim 17")
    # As they are with it, newest first as lists have them.
    every = {call["id"]: call for call in system.calls(settle=1.5)}
    order = [call["id"] for call in system.list_calls()]
    known = list(conditions(list(every.values())))
    for chosen in itertools.chain(itertools.combinations(known, 1),
                                  itertools.combinations(known, 2)):
        want = [i for i in order if all(fits(every[i]) for _, _, fits in chosen)]
        flags = [flag for flags, _, _ in chosen for flag in flags]
        request = {key: value for _, asked, _ in chosen for key, value in asked.items()}
        report.equal(by_json(browser, request), want, f"calls by {request}")
        if len(chosen) == 1:
            got = [call["id"] for call in system.json_lines("calls", "list", "--limit", "0", *flags)]
            report.equal(got, want, f"calls by {' '.join(flags)}")
    report.expect(len(every) >= 11, f"there are calls to choose from: {len(every)}")
    for _, request, fits in known:
        found = sum(map(fits, every.values()))
        report.expect(0 < found < len(every), f"{request} tells calls apart: {found}")
    for request in ({"minLength": "-1s"}, {"maxMos": 0.5}):
        refused = browser.rpc("CallService/ListCalls", request)
        report.equal((refused[0], refused[1].get("code")), (400, "invalid_argument"), f"{request}")


def notes(report, system):
    """Who may see a call may write, what is there is not overwritten unawares, the log says who."""
    report.case = "notes"
    tokens = {site: system.cli("tokens", "create", site, "--role", "viewer", "--site",
                               site).stdout.strip() for site in ("berlin", "bonn")}
    bonn, berlin = (Browser(system.web, token=tokens[site]) for site in ("bonn", "berlin"))
    call = next(call for call in system.list_calls() if sites(call) == {"bonn"})["id"]
    status, answer = bonn.rpc("CallService/AnnotateCall", {
        "id": call[:12], "tags": ["claim 17"], "note": "called back\nat noon"})
    report.equal(status, 200, "status of a note within the scope")
    report.equal(answer["call"]["annotation"]["user"], "bonn", "who wrote")
    status, answer = berlin.rpc("CallService/AnnotateCall", {"id": call, "note": "mine"})
    report.equal((status, answer["code"]), (404, "not_found"), "a note out of scope")
    status, answer = bonn.rpc("CallService/AnnotateCall", {"id": call, "note": "later"})
    report.equal((status, answer["code"]), (409, "aborted"), "a note over one that was not read")

    shown = system.cli("calls", "show", call).stdout
    for words in ("claim 17", "called back", "at noon"):
        report.expect(words in shown, f"`calls show` says {words}")
    report.expect("#claim 17" in system.cli("calls", "list", "--tag", "claim 17").stdout,
                  "`calls list` shows the tag")
    report.equal(system.cli("calls", "note", call, "again", check=False).returncode, 1,
                 "exit code of a note over another one")
    system.cli("calls", "note", call, "--append", "and in the evening")
    report.expect("at noon\nand in the evening" in system.cli("calls", "note", call).stdout,
                  "the note has both lines")
    system.cli("calls", "tag", call, "--remove", "claim 17")
    report.equal(system.cli("calls", "tag", call).stdout, "no tags\n", "tags")

    noted = [entry for entry in system.json_lines("audit", "list", "--limit", "0")
             if entry["act"] == "AUDIT_ACT_ANNOTATE_CALL"]
    done = [entry for entry in noted if entry.get("status", 0) == 0 and entry["target"] == call]
    report.expect(len(done) >= 3, f"notes in the audit log: {len(done)}")
    report.expect(any(entry["user"] == "bonn" for entry in done), "the audit log says who")
    report.expect(any(entry["user"] == "berlin" and entry["status"] == 5 for entry in noted),
                  "the audit log says who was not let")

    before = system.json_lines("calls", "show", call)[0]["annotation"]
    system.kill_collector()
    system.start_collector()
    report.equal(system.json_lines("calls", "show", call)[0]["annotation"], before,
                 "the note after kill -9")


def merged(report, system, lab):
    """Two switches saw a half each; what was written of one half is with the whole call."""
    report.case = "merged"
    known = {call["id"] for call in system.list_calls()}
    system.replay({"s4": [lab / SCENE / "sw2.pcap"]}, site="bonn")
    halves = [call["id"] for call in system.calls(settle=1.5) if call["id"] not in known]
    for number, half in enumerate(halves):
        system.cli("calls", "tag", half, f"half{number}")
        system.cli("calls", "note", half, f"note {number}")
    system.replay({"s3": [lab / SCENE / "sw1.pcap"]}, site="berlin")
    system.calls(settle=2.5)
    written = 0
    for number, half in enumerate(halves):
        whole = system.json_lines("calls", "show", half)[0]
        report.expect(f"half{number}" in whole["annotation"]["tags"], f"tag of half {number}")
        report.expect(f"note {number}" in whole["annotation"]["note"], f"note of half {number}")
        found = system.json_lines("calls", "list", "--tag", f"half{number}")
        report.equal([call["id"] for call in found], [whole["id"]], "calls with the tag")
        written += whole["id"] != half
    print(f"{len(halves)} halves, {written} of them under another id now")
    report.expect(halves, "there was something to write about")


def main():
    options = harness.arguments()
    report = harness.Report()
    with Found(options.bin) as system:
        berlin = make_calls(system.dir / "berlin.pcap", "+49301", 1, 5)
        bonn = make_calls(system.dir / "bonn.pcap", "+49228", 2, 4, first_ms=900_000)
        system.replay({"s1": [berlin]}, site="berlin")
        system.replay({"s2": [bonn]}, site="bonn")
        for case in (search, notes):
            if options.only in case.__name__:
                case(report, system)
        lab = harness.SHARED / LAB
        if lab.is_dir() and options.only in "merged":
            merged(report, system, lab)
    report.finish()


main()
