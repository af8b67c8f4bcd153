"""The web server: JSON, events, files and logins, beside the same by gRPC; and what must not
work. docs/web.md names each status."""

import base64
import contextlib
import http.client
import json
import random
import re
import socket
import ssl
import subprocess
import threading
import time

import harness
import web_attacks
from access_system import Site, expect_nothing_leaked, make_certs
from web_attacks import connect
from web_client import Browser, query

UI = {"index.html": "<!doctype html><title>Callbraid</title>" + " " * 300,
      "assets/app-12ab34cd.js": "document.title = 'Callbraid';"}


class WebSite(Site):
    """With a web server, and a UI of two files."""

    def __init__(self, bin_dir):
        super().__init__(bin_dir)
        for name, text in UI.items():
            (self.dir / "ui" / name).parent.mkdir(parents=True, exist_ok=True)
            (self.dir / "ui" / name).write_text(text)
        self.collector_flags += ["--web-listen", "127.0.0.1:0", "--ui", self.dir / "ui"]
        self.url = None

    def start_collector(self):
        super().start_collector()
        self.url = self.collector.stdout.readline().split("web on ")[1].strip()

    def __enter__(self):
        super().__enter__()
        self.tokens = {}
        for name, *flags in (("admin", "--role", "admin"), ("olga", "--role", "operator"),
                             ("ann", "--role", "viewer", "--site", "berlin"),
                             ("audrey", "--role", "auditor")):
            self.tokens[name] = self.make_token(f"web-{name}", *flags)
        return self

    def browser(self, name=None, **more):
        return Browser(self.url, ca=self.dir / "certs/ca.pem",
                       token=self.tokens[name][1] if name else None, **more)


def logins(report, system):
    report.case = "logins"
    browser = system.browser()
    report.equal(browser.ask("GET", "/session")[0], 401, "status before a login")
    report.equal(browser.rpc("CallService/ListCalls")[0], 401, "status of an RPC before a login")
    for body, status in (({"token": "cbt_" + "x" * 43}, 401), ({"token": ""}, 400), ({}, 400),
                         ([], 400), ({"token": 5}, 400), ("{", 400), ({"token": "a\r\nb: c"}, 401)):
        got = browser.ask("POST", "/session", body)
        report.equal(got[0], status, f"status of a login with {body!r}")
        report.expect("set-cookie" not in got[1], "no cookie")
    for value in ("Bearer", "Basic YTpi", "Bearer \x80\xff", "Bearer " + "x" * 10_000):
        report.equal(browser.ask("GET", "/session", headers={"Authorization": value})[0], 401,
                     f"status with authorization {value[:20]!r}")
    status, headers, _ = browser.log_in(system.tokens["ann"][1])
    report.equal(status, 204, "status of a login")
    cookie = headers["set-cookie"]
    for word in ("__Host-callbraid=", "HttpOnly", "SameSite=Strict", "Secure", "Path=/"):
        report.expect(word in cookie, f"the cookie has {word}: {cookie!r}")
    report.expect(system.tokens["ann"][1] not in cookie, "the cookie is not the token")
    status, _, body = browser.ask("GET", "/session")
    report.equal((status, json.loads(body)),
                 (200, {"name": "web-ann", "role": "ROLE_VIEWER", "sites": ["berlin"], "numbers": [],
                        "calls": [], "password": False, "open": False}), "who it is")
    status, calls = browser.rpc("CallService/ListCalls")
    report.equal([call["id"] for call in calls["calls"]], [system.ids["berlin"]], "calls in scope")
    stolen = browser.cookie
    report.equal(browser.ask("DELETE", "/session")[0], 204, "status of a logout")
    report.equal(browser.ask("GET", "/session")[0], 401, "status after it")
    browser.cookie = stolen
    report.equal(browser.ask("GET", "/session")[0], 401, "status with the cookie of before")


def compact(value):
    """Without what has its default value, which the command line shows."""
    if isinstance(value, list):
        return [compact(item) for item in value]
    if not isinstance(value, dict):
        return value
    items = {key: compact(item) for key, item in value.items()}
    return {key: item for key, item in items.items()
            if item not in (0, "", "0", False, [], None) and not str(item).endswith("_UNSPECIFIED")}


def same_as_grpc(report, system):
    report.case = "JSON and gRPC"

    def lines(*command):
        return compact(system.json_lines("calls", *command))
    browser = system.browser("admin")
    status, listed = browser.rpc("CallService/ListCalls")
    report.equal(compact(listed["calls"]), lines("list"), "calls")
    for call in system.ids.values():
        for method, field, command in (("GetCall", "call", "show"), ("GetTimeline", "events", "timeline"),
                                       ("GetQuality", "streams", "quality")):
            got = compact(browser.rpc(f"CallService/{method}", {"id": call})[1].get(field, []))
            report.equal(got if isinstance(got, list) else [got], lines(command, call), method)
        signalling = browser.rpc("CallService/GetSignalling", {"id": call})[1]
        report.expect(len(signalling["messages"]) > 3, "its signalling")
        packets = system.dir / "web.pcapng"
        system.cli("calls", "packets", call, "-o", packets)
        status, headers, body = browser.ask("GET", f"/calls/{call}/packets")
        report.equal((status, body), (200, packets.read_bytes()), "its packets")
        report.equal(headers["content-disposition"],
                     f'attachment; filename="call-{call[:8]}.pcapng"', "name of the file")
    status, _, text = system.browser().ask("GET", "/openapi.json")
    paths = json.loads(text)["paths"]
    report.equal((status, "/callbraid.v1.CallService/ListCalls" in paths), (200, True), "OpenAPI")
    status, sensors = browser.rpc("SensorService/ListSensors")
    report.equal([sensor["id"] for sensor in sensors["sensors"]], ["s1", "s2"], "sensors")
    report.equal([token["name"] for token in browser.rpc("AccessService/ListTokens")[1]["tokens"]],
                 ["web-admin", "web-olga", "web-ann", "web-audrey"], "tokens")
    time.sleep(1.5)
    status, audit = browser.rpc("AccessService/ListAudit", {"pageSize": 200})
    of_web = [entry["address"] for entry in audit["entries"] if entry.get("user") == "web-admin"]
    report.expect(of_web and set(of_web) == {"127.0.0.1"}, f"the browser's address is noted: {of_web}")


def completeness(report, system):
    """Counts and a PBX's records by JSON; who sees one site sees its calls alone."""
    report.case = "completeness"
    admin, ann = system.browser("admin"), system.browser("ann")
    request = {"startFrom": "2000-01-01T00:00:00Z", "timeZone": "Europe/Berlin"}
    status, counted = admin.rpc("CompletenessService/GetCompleteness", request)
    lines = system.json_lines("calls", "completeness", "--from", "2000-01-01")
    report.equal((status, sorted((day["site"], int(day["answered"])) for day in counted["days"])),
                 (200, sorted((line["site"], line["answered"]) for line in lines)), "answered calls by site")
    sites = {day["site"] for day in ann.rpc("CompletenessService/GetCompleteness", request)[1]["days"]}
    report.equal(sites, {"berlin"}, "sites of who sees Berlin")
    calls = {site: admin.rpc("CallService/GetCall", {"id": call})[1]["call"] for site, call in system.ids.items()}
    cdr = "start,src,dst,billsec\n" + "".join(
        f"{call['startTime'][:19]}Z,{call['caller']},{call['callee']},1\n" for call in calls.values())
    file = base64.b64encode(cdr.encode()).decode()
    status, found = admin.rpc("CompletenessService/ReconcileCalls", {"cdr": file})
    report.equal((status, found.get("missing", "0"), sorted(one["callId"] for one in found["records"])),
                 (200, "0", sorted(system.ids.values())), "records of all calls")
    found = ann.rpc("CompletenessService/ReconcileCalls", {"cdr": file})[1]
    report.equal((found["missing"], [one["callId"] for one in found["records"] if "callId" in one]),
                 (str(len(calls) - 1), [system.ids["berlin"]]), "of who sees Berlin")
    # Three MiB are taken, from who shows something; more is not, nor by other methods.
    large = base64.b64encode(cdr.encode() + b"\n" * ((3 << 20) - len(cdr))).decode()
    report.equal(admin.rpc("CompletenessService/ReconcileCalls", {"cdr": large})[0], 200, "3 MiB")
    larger = base64.b64encode(b"\n" * ((3 << 20) + 3)).decode()
    status, refusal = admin.rpc("CompletenessService/ReconcileCalls", {"cdr": larger})
    report.equal((status, refusal["message"][:5]), (400, "cdr: "), "a little more")

    def head(method, shown="Authorization: Bearer x\r\n"):
        return (f"POST /callbraid.v1.{method} HTTP/1.1\r\nHost: x\r\n{shown}"
                f"Content-Type: application/json\r\nContent-Length: {4 << 20}\r\n\r\n").encode()
    for request in (head("CallService/ListCalls"), head("CompletenessService/ReconcileCalls", shown="")):
        report.equal(web_attacks.raw(system, request)[:12], b"HTTP/1.1 413", f"answer to {request[:60]}")
    busy = [connect(system) for _ in range(20)]
    for sock in busy:
        sock.sendall(head("CompletenessService/ReconcileCalls"))
    answers = []
    for sock in busy:
        sock.settimeout(0.2)
        with contextlib.suppress(OSError):
            answers.append(sock.recv(12))
    report.equal(answers, [b"HTTP/1.1 503"] * 4, "what is refused while 64 MiB are under way")
    report.equal(admin.rpc("CallService/ListCalls")[0], 200, "other requests meanwhile")
    for sock in busy:
        sock.close()


def audio(report, system):
    report.case = "audio"
    browser = system.browser("admin")
    call = system.ids["berlin"]
    file = system.dir / "web.wav"
    system.cli("calls", "audio", call, "-o", file)
    wanted = file.read_bytes()
    status, headers, body = browser.audio(call)
    report.equal((status, headers["content-type"], headers["accept-ranges"]),
                 (200, "audio/wav", "bytes"), "head")
    report.expect(body == wanted, "the recording is the one that gRPC gives")
    size = len(wanted)
    ranges = [(0, 0), (0, 43), (44, size - 1), (size - 1, size + 100)]
    ranges += [tuple(sorted((random.randrange(size), random.randrange(size)))) for _ in range(20)]
    for first, last in ranges:
        status, headers, body = browser.audio(call, headers={"Range": f"bytes={first}-{last}"})
        report.expect(status == 206 and body == wanted[first:last + 1], f"bytes {first} to {last}")
        report.equal(headers["content-range"], f"bytes {first}-{min(last, size - 1)}/{size}", "its head")
    report.expect(browser.audio(call, headers={"Range": "bytes=-100"})[2] == wanted[-100:], "the end")
    status, headers, body = browser.audio(call, headers={"Range": f"bytes={size}-"})
    report.equal((status, headers["content-range"], body), (416, f"bytes */{size}", b""), "behind it")
    status, headers, body = browser.ask("HEAD", f"/calls/{call}/audio")
    report.equal((status, headers["content-length"], body), (200, str(size), b""), "HEAD")
    noted = [entry for entry in system.audit("--user", "web-admin")
             if (entry["act"], entry["target"]) == ("AUDIT_ACT_LISTEN", call)]
    report.expect(1 <= len(noted) <= 4, f"it is rendered and noted once, not by range: {len(noted)}")
    report.equal(system.browser("olga").audio(call, headers={"Range": "bytes=100-"})[0], 206,
                 "another user's part")
    report.equal(len([entry for entry in system.audit("--user", "web-olga")
                      if entry["act"] == "AUDIT_ACT_LISTEN"]), 1, "is noted for that user")
    report.equal(system.browser("audrey").audio(call, headers={"Range": "bytes=100-"})[0], 403,
                 "who may not listen gets no part of what others play")
    status, headers, _ = browser.audio(call, headers={"Range": "bytes=100-"})
    for tag, status in ((headers["etag"], 206), ('"0"', 200)):
        report.equal(browser.audio(call, headers={"Range": "bytes=100-", "If-Range": tag})[0], status,
                     f"a part only of {tag}")
    before = len(system.audit("--user", "web-admin"))
    for _ in range(70):
        report.equal(system.browser().audio(call)[0], 401, "strangers")
    report.equal((browser.audio(call, headers={"Range": "bytes=100-"})[0],
                  len(system.audit("--user", "web-admin"))), (206, before), "take nobody's place")
    token_id, token = system.make_token("playing", "--role", "viewer")
    player = Browser(system.url, ca=system.dir / "certs/ca.pem", token=token)
    report.equal(player.audio(call)[0], 200, "a token plays")
    system.cli("tokens", "revoke", token_id)
    for headers in ({"Range": "bytes=100-"}, {"Range": "bytes=0-"}, {}):
        report.equal(player.audio(call, headers=headers)[0], 401, f"revoked, it does not: {headers}")


def roles_and_scope(report, system):
    report.case = "roles"
    for name, allowed in (("ann", {"ListCalls"}), ("olga", {"ListCalls", "ListSensors", "Diagnose"}),
                          ("audrey", {"ListAudit"})):
        for method in ("CallService/ListCalls", "SensorService/ListSensors", "SensorService/Diagnose",
                       "AccessService/ListAudit", "AccessService/ListTokens"):
            status, body = system.browser(name).rpc(method)
            wanted = 200 if method.split("/")[1] in allowed else 403
            report.equal(status, wanted, f"{name}: {method}")
            if status == 403:
                report.equal(body["code"], "permission_denied", "code")
    report.case = "scope"
    ann, bonn, unknown = system.browser("ann"), system.ids["bonn"], "f" * 32
    for path in ("/calls/{}/audio", "/calls/{}/packets"):
        hidden, none = (ann.ask("GET", path.format(call)) for call in (bonn, unknown))
        report.equal((hidden[0], hidden[2].replace(bonn.encode(), b"ID")),
                     (404, none[2].replace(unknown.encode(), b"ID")), f"{path} out of scope")
    for method in ("GetCall", "GetSignalling", "GetTimeline", "GetQuality"):
        status, body = ann.rpc(f"CallService/{method}", {"id": bonn})
        report.equal((status, body["code"]), (404, "not_found"), f"{method} out of scope")
    with ann.events("CallService/WatchCalls", {"includeCurrent": True}) as events:
        next(events)
    expect_nothing_leaked(report, ann.ask("POST", "/callbraid.v1.CallService/ListCalls", {})[2].decode(),
                          "the list")


def metrics(report, system):
    report.case = "metrics"
    for name, status in ((None, 401), ("ann", 403), ("audrey", 403), ("olga", 200)):
        report.equal(system.browser(name).ask("GET", "/metrics")[0], status, f"status for {name}")
    system.tokens["berta"] = system.make_token("web-berta", "--role", "operator", "--site", "berlin")
    text = system.browser("berta").ask("GET", "/metrics")[2].decode()
    report.expect('sensor="s1"' in text and 'sensor="s2"' not in text, "sensors of the scope")
    report.expect(not re.search("callbraid_(store|retention|events)_", text), "nothing of the whole")
    status, headers, text = system.browser("admin").ask("GET", "/metrics")
    report.expect(headers["content-type"].startswith("text/plain; version=0.0.4"), "type")
    lines = [line for line in text.decode().splitlines() if not line.startswith("#")]
    report.expect(all(re.fullmatch(r'[a-z_]+(\{([a-z_]+="[^"]*",?)+\})? [0-9.e+-]+', line)
                      for line in lines), "each line is a metric")
    report.expect('callbraid_sensor_connected{sensor="s1",site="berlin",version="0.1.0"} 0' in lines,
                  "a sensor that left")
    given = {re.match("[a-z_]+", line).group() for line in lines}
    # There is nothing of these kinds here.
    given |= {f"callbraid_{name}" for name in (
        "sensor_certificate_expiry_timestamp_seconds", "sensor_clock_offset_seconds",
        "refused_connections_total", "events_sink_down", "events_lost_total",
        "events_oldest_seconds",
        # Of captures that go on.
        "capture_packets_total", "capture_kernel_drops_total", "capture_interface_drops_total",
        "capture_tunnel_drops_total")}
    report.expect(not any(name.startswith("callbraid_capture_") for name in
                          (re.match("[a-z_]+", line).group() for line in lines)),
                  "nothing of a capture that ended")
    for file in ("alerts.yaml", "dashboard.json"):
        text = (harness.ROOT / "deploy/grafana" / file).read_text()
        used = set(re.findall(r"\bcallbraid_[a-z]+_[a-z_]+", text))
        report.expect(len(used) > 5 and used <= given, f"{file} uses what there is: not {used - given}")


def events(report, system):
    report.case = "events"
    browser = system.browser("admin")
    with browser.events("CallService/GetAudio", {"id": "f" * 32}) as stream:
        got = [event for event in stream if event[0]]
    report.equal([(name, data["code"]) for name, data in got], [("end", "not_found")],
                 "a stream that fails")
    token_id, token = system.make_token("watching", "--role", "viewer")
    watcher = Browser(system.url, ca=system.dir / "certs/ca.pem", token=token)
    with watcher.events("CallService/WatchCalls", {}) as stream:
        report.equal(next(stream), (None, ""), "it begins with a comment")
        system.replay({"s1": [system.dir / "berlin.pcap"]}, site="berlin")
        make_call = system.dir / "again.pcap"
        system.cli("tokens", "revoke", token_id)
        got = [event for event in stream if event[0]]
    report.equal(got[-1][0], "end", "it ends with its token")
    report.equal(got[-1][1]["code"], "unauthenticated", "and says why")
    report.expect(not make_call.exists(), "nothing else")
    report.equal(browser.ask("GET", "/events/callbraid.v1.CallService/GetCall")[0], 404,
                 "status of events of what does not stream")
    report.equal(browser.rpc("CallService/WatchCalls")[0], 501, "status of a stream asked by POST")


def certificate(report, system):
    report.case = "certificate"

    def serial():
        with connect(system) as connection:
            return connection.getpeercert()["serialNumber"], connection.version()
    first, version = serial()
    report.equal(version, "TLSv1.3", "version")
    old = ssl.create_default_context(cafile=system.dir / "certs/ca.pem")
    old.maximum_version = ssl.TLSVersion.TLSv1_1
    host, port = system.url.split("//")[1].split(":")
    try:
        with socket.create_connection((host, int(port))) as plain, \
                old.wrap_socket(plain, server_hostname=host):
            report.expect(False, "TLS 1.1 is refused")
    except (ssl.SSLError, OSError):
        pass
    for file in ("collector.pem", "collector.key"):
        (system.dir / "certs" / file).unlink()
    make_certs(system.dir / "certs", "s1")
    time.sleep(2)
    report.expect(serial()[0] != first, "a new certificate is shown without a restart")
    key = system.dir / "certs/collector.key"
    whole = key.read_text()
    key.write_text("nothing")
    time.sleep(2)
    report.expect(serial()[0], "with a broken one, the one before")
    key.write_text(whole)


def stop_while_asked(report, system):
    """Requests that come while it stops are answered or refused, and nothing crashes."""
    report.case = "stop while asked"
    for _ in range(3):
        asking = [threading.Thread(target=ask_on, args=(system,)) for _ in range(4)]
        for thread in asking:
            thread.start()
        time.sleep(0.3)
        report.equal(system.stop_collector(), 0, "exit code")
        for thread in asking:
            thread.join()
        system.start_collector()


def ask_on(system):
    """Until nobody answers."""
    browser, call = system.browser("admin"), system.ids["berlin"]
    with contextlib.suppress(OSError, http.client.HTTPException):
        while True:
            browser.ask("GET", "/healthz")
            browser.ask("GET", "/session")
            browser.audio(call)


def stop(report, system):
    """With streams open, and with one that nobody reads."""
    report.case = "stop"
    browser = system.browser("admin")
    with browser.events("CallService/WatchCalls", {}) as stream, connect(system) as idle:
        next(stream)
        idle.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n")
        begun = time.monotonic()
        report.equal(system.stop_collector(), 0, "exit code")
        report.expect(time.monotonic() - begun < 10, f"in {time.monotonic() - begun:.1f} s")
        got = [event for event in stream if event[0]]
        report.expect(not got or got[-1][0] == "end", f"the watcher was told: {got}")


def open_server(report, options):
    """Plaintext and without logins: for a try on one machine, and no more open than said."""
    report.case = "open"
    system = harness.System(options.bin)
    system.collector_flags += ["--web-listen", "127.0.0.1:0"]
    with system:
        url = system.collector.stdout.readline().split("web on ")[1].strip()
        browser = Browser(url)
        status, _, body = browser.ask("GET", "/session")
        report.equal((status, json.loads(body)["open"]), (200, True), "who it is")
        report.equal(browser.rpc("CallService/ListCalls"), (200, {}), "calls")
        report.equal(browser.ask("GET", "/", headers={"Host": "evil.example"})[0], 403,
                     "status for another name")
        report.equal(browser.ask("GET", "/")[0], 404, "status without a UI")


def mistakes(report, options):
    report.case = "mistakes"
    with harness.System(options.bin) as system:
        taken = system.address
        for flags, words in ((("--web-listen", taken), "in use"), (("--web-listen", "here"), "HOST:PORT"),
                             (("--web-listen", "127.0.0.1:0", "--ui", "/nowhere"), "index.html"),
                             (("--ui", "/tmp"), "--web-listen")):
            result = subprocess.run(
                [system.bin / "callbraid-collector", "--data", system.dir / "other", "--listen",
                 "127.0.0.1:0", "--insecure", *flags], capture_output=True, text=True, timeout=20)
            report.expect(result.returncode in (1, 2), f"exit code with {flags}")
            report.equal(result.stderr.count("callbraid-collector: "), 1, f"one line: {result.stderr}")
            report.expect(words in result.stderr, f"it says {words!r}: {result.stderr!r}")


def main():
    options = harness.arguments()
    report = harness.Report()
    random.seed(options.seed)
    print("seed", options.seed, query({}))
    with WebSite(options.bin) as system:
        for case in (logins, same_as_grpc, completeness, audio, roles_and_scope, metrics, events,
                     web_attacks.other_sites, web_attacks.negative, web_attacks.crowds, certificate,
                     stop_while_asked, stop):
            if options.only in case.__name__ or case is stop:
                case(report, system)
    for case in (open_server, mistakes):
        if options.only in case.__name__:
            case(report, options)
    report.finish()


main()
