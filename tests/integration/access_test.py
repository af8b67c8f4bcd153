"""Who may ask the collector for what: the real programs over mutual TLS, and attacks on both.

Every attack must be refused with the status that docs/access.md names, and tell nothing.
"""

import json
import re
import shutil
import subprocess
import time

import access_attacks
import harness
from access_system import (DENIED, EXHAUSTED, NO_CONNECTION, OK, UNAUTHENTICATED, Site,
                           expect_nothing_leaked, field, raw, run, send)


def roles(report, system):
    report.case = "roles"
    listing, sensors = ("calls", "list"), ("sensors", "list")
    tokens, audit = ("tokens", "list"), ("audit", "list")
    doctor = ("sensors", "doctor")
    berlin = system.ids["berlin"]
    listen = ("calls", "audio", berlin, "-o", "-")
    for user, allowed in (("ann", (listing,)), ("olga", (listing, sensors, doctor)),
                          ("audrey", (audit,)), ("client", (listing, sensors, tokens, audit))):
        for command in (listing, sensors, doctor, tokens, audit):
            if command == doctor and user == "client":
                continue
            code = system.run_as(user, *command).returncode
            report.equal(code, 0 if command in allowed else 5, f"{user}: {' '.join(command)}")
    report.equal(system.run_as("audrey", "calls", "audio", berlin, "-o", system.dir / "x.wav")
                 .returncode, 5, "an auditor does not listen")
    report.equal(system.run_as("ann", *listen[:3], "-o", system.dir / "a.wav").returncode, 0,
                 "a viewer listens")


def scope(report, system):
    """By site (ann) and by number (bob): what is outside is not there."""
    bonn = system.ids["bonn"]
    for user in ("ann", "bob"):
        report.case = f"scope of {user}"
        listed = system.run_as(user, "calls", "list", "--limit", "0", "--json")
        report.equal([json.loads(line)["id"] for line in listed.stdout.splitlines()],
                     [system.ids["berlin"]], "calls listed")
        expect_nothing_leaked(report, listed.stdout, "the list")
        unknown = system.run_as(user, "calls", "show", "f" * 32)
        for command in (("show", bonn), ("show", bonn[:8]), ("ladder", bonn),
                        ("audio", bonn, "-o", system.dir / "b.wav"),
                        ("packets", bonn, "-o", system.dir / "b.pcapng")):
            result = system.run_as(user, "calls", *command)
            report.equal(result.returncode, 3, f"exit code of {command[0]}")
            report.equal(result.stderr.replace(command[1], "ID"),
                         unknown.stderr.replace("f" * 32, "ID"),
                         f"{command[0]}: as of a call that never was")
        for flags in (("--number", "+49228"), ("--sensor", "s2"), ("--from", "2020-01-01")):
            found = system.run_as(user, "calls", "list", "--json", *flags)
            expect_nothing_leaked(report, found.stdout, f"filter {flags}")
        # Any id of it: of its legs, streams and observations.
        [call] = system.json_lines("calls", "show", bonn)
        for part in call["legs"] + call["streams"]:
            for hidden in [part["id"]] + [seen["id"] for seen in part["observations"]]:
                report.equal(system.run_as(user, "calls", "show", hidden).returncode, 3,
                             "exit code for an id of a part")
    report.case = "scope of an operator"
    sensors = system.run_as("olga", "sensors", "list", "--json").stdout
    report.equal([json.loads(line)["id"] for line in sensors.splitlines()], ["s1"], "sensors")
    doctor = system.run_as("olga", "sensors", "doctor", "--json")
    report.equal(doctor.returncode, 0, "exit code of the doctor")
    expect_nothing_leaked(report, doctor.stdout, "the doctor")
    report.equal(system.run_as("olga", "sensors", "doctor", "s2").returncode, 3,
                 "exit code for a sensor elsewhere")


def sharing(report, system):
    """A guest has one call: what is shown and heard of it, and nothing else."""
    report.case = "a shared call"
    berlin, bonn = system.ids["berlin"], system.ids["bonn"]
    system.cli("calls", "note", berlin, "for us alone")
    shared = json.loads(system.run_as("olga", "calls", "share", berlin[:10], "--with", "lawyer",
                                      "--json").stdout)
    secret = shared["secret"]
    report.equal(shared["path"], f"/calls/{berlin}#share={secret}", "the link")
    report.equal(shared["token"]["role"], "ROLE_GUEST", "role")
    seen = system.run_as(None, "calls", "show", berlin, "--json", token=secret)
    report.equal(seen.returncode, 0, f"exit code of show ({seen.stderr!r})")
    report.expect("for us alone" not in seen.stdout, "a guest is not told notes")
    for command in (("audio", berlin, "-o", system.dir / "guest.wav"), ("timeline", berlin),
                    ("quality", berlin)):
        report.equal(system.run_as(None, "calls", *command, token=secret).returncode, 0, command[0])
    for command in (("calls", "list"), ("calls", "watch"), ("calls", "ladder", berlin),
                    ("calls", "packets", berlin, "-o", system.dir / "guest.pcapng"),
                    ("calls", "note", berlin, "mine", "--replace"), ("calls", "share", berlin),
                    ("calls", "timeline", berlin, "--digits"), ("calls", "listen", berlin),
                    ("sensors", "list"), ("tokens", "list"), ("audit", "list"), ("calls", "completeness")):
        report.equal(system.run_as(None, *command, token=secret).returncode, 5, f"a guest: {command}")
    for command in (("show", bonn), ("audio", bonn, "-o", system.dir / "guest.wav")):
        result = system.run_as(None, "calls", *command, token=secret)
        report.equal(result.returncode, 3, f"{command[0]} of another call")
        expect_nothing_leaked(report, result.stdout + result.stderr, command[0])
    report.equal(system.run_as("ann", "calls", "share", berlin).returncode, 5, "a viewer shares nothing")
    report.equal(system.run_as("olga", "calls", "share", bonn).returncode, 3,
                 "an operator shares nothing that it does not see")
    report.equal(system.run_as("olga", "calls", "share", berlin, "--days", "31").returncode, 2,
                 "exit code for a month and a day")
    [note] = [entry for entry in system.audit("--call", berlin) if entry["act"] == "AUDIT_ACT_SHARE_CALL"]
    report.equal((note["user"], "lawyer" in note["detail"]), ("olga", True), "who shared it with whom")
    system.cli("tokens", "revoke", shared["token"]["id"])
    report.equal(system.run_as(None, "calls", "show", berlin, token=secret).returncode, 5,
                 "a link that was taken back")


def users(report, system):
    """Who logs in by a password: what the login gives, and that it ends with the user."""
    report.case = "users"
    file = system.dir / "password"
    file.write_text("correct horse\n")
    made = system.cli("users", "set", "sophie", "--role", "viewer", "--site", "berlin", "--password-file", file)
    report.equal(made.stderr, "user sophie, viewer, sees berlin\n", "what is said")
    kept = system.cli("users", "set", "sophie", "--password-file", file)
    report.equal(kept.stderr, "user sophie, viewer, sees berlin\n", "what stays")

    def log_in(password, name="sophie"):
        status, text = raw(system, "LoginService/LogIn", field(1, name) + field(2, password))
        return status, re.search(r"cbt_[A-Za-z0-9_-]{43}", text)
    status, secret = log_in("correct horse")
    report.equal(status, OK, "status of a login")
    secret = secret.group()
    listed = system.run_as(None, "calls", "list", "--json", token=secret).stdout
    report.equal([json.loads(line)["id"] for line in listed.splitlines()], [system.ids["berlin"]],
                 "calls that the user sees")
    report.equal(system.run_as(None, "users", "list", token=secret).returncode, 5, "exit code of what is not hers")
    for password, name in (("correct horsf", "sophie"), ("correct horse", "nobody"), ("", "sophie"), ("", "")):
        report.equal(log_in(password, name)[0], UNAUTHENTICATED, f"status of {name!r}, {password!r}")
    for arguments, code in ((("users", "set", "x", "--role", "viewer"), 2), (("users", "remove", "nobody"), 3)):
        report.equal(system.cli(*arguments, check=False).returncode, code, f"exit code of {arguments}")
    system.cli("users", "remove", "sophie")
    report.equal(system.run_as(None, "calls", "list", token=secret).returncode, 5, "exit code with a login that ended")
    report.equal(log_in("correct horse")[0], UNAUTHENTICATED, "status of who was removed")
    report.expect("horse" not in json.dumps(system.audit()) + system.log("collector"), "no password is in a log")


def watching(report, system):
    """A watcher hears of its scope; it ends with its token, revoked or expired."""
    report.case = "watching"
    first_id, first = system.make_token("watcher", "--role", "viewer", "--site", "berlin")
    # By the API, for the CLI counts in days.
    expire = int(time.time()) + 6
    status, text = raw(system, "AccessService/CreateToken",
                       field(1, "short") + field(2, 1) + field(4, field(1, expire)), "client")
    report.equal(status, OK, f"status of CreateToken ({text!r})")
    short = re.search(r"cbt_[A-Za-z0-9_-]{43}", text).group()
    watchers = []
    for token in (first, short):
        file = system.dir / f"token-{token[4:12]}"
        file.write_text(token)
        watchers.append(subprocess.Popen(
            [system.bin / "callbraid", "--collector", system.address, *system.identity(None),
             "--token-file", file, "calls", "watch", "--json"],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True))
    time.sleep(1.5)
    report.equal([watcher.poll() for watcher in watchers], [None, None], "both watch")
    system.cli("tokens", "revoke", first_id)
    begun = time.monotonic()
    out, err = watchers[0].communicate(timeout=10)
    report.expect(time.monotonic() - begun < 2, "a revoked token ends its stream at once")
    report.equal(watchers[0].returncode, 5, f"exit code after revocation ({err!r})")
    report.expect("revoked" in err, f"it says so: {err!r}")
    expect_nothing_leaked(report, out, "the watch")
    out, err = watchers[1].communicate(timeout=15)
    report.equal(watchers[1].returncode, 5, f"exit code after expiry ({err!r})")
    report.expect("expired" in err, f"it says so: {err!r}")
    for token in (first, short):
        report.equal(system.run_as(None, "calls", "list", token=token).returncode, 5,
                     "exit code with a token that ended")
    return first, short


def uplink(report, system):
    """Sensors, and those who are none."""
    capture = system.dir / "berlin.pcap"
    # "s3": a user who has the name of a sensor.
    for number, (sensor, name, folder, case) in enumerate((
            ("ann", "ann", "certs", "a user's certificate"),
            ("s3", "s3-user", "certs", "a user who is called like the sensor"),
            ("callbraid-client", "client", "certs", "a client by common name"),
            ("s1", "s1", "foreign", "a foreign CA"),
            ("s2", "s1", "certs", "another sensor's certificate"))):
        report.case = f"uplink: {case}"
        log = system.dir / "attack.log"
        with open(log, "wb") as file:
            sensor_process = subprocess.Popen(
                [system.bin / "callbraid-sensor", "--id", sensor, "--read", capture, "--spool",
                 system.dir / f"spool-attack-{number}", "--collector", system.address,
                 *system.identity(name, folder)], stdout=file, stderr=file)
        try:
            sensor_process.wait(timeout=4)
        except subprocess.TimeoutExpired:
            pass
        text = log.read_text()
        report.expect(sensor_process.returncode != 0, "it has not delivered anything")
        refused = any(word in text.lower() for word in ("certificate", "handshake", "closed"))
        report.expect(refused, f"it says why: {text!r}")
        sensor_process.kill()
        sensor_process.wait()
    report.case = "uplink: no certificate"
    result = run(system.bin / "callbraid-sensor", "--id", "s1", "--read", capture, "--spool",
                 system.dir / "spool-none", "--collector", system.address, *system.identity(None))
    report.expect(result.returncode != 0 and "--tls-cert" in result.stderr,
                  f"a sensor wants one itself: {result.stderr!r}")
    # The statuses are told by tests/unit/collector/collector_access_test.cc: curl does not hear
    # an answer that comes before its request was read.
    report.case = "uplink: by no sensor"
    _, boss = system.make_token("boss2", "--role", "admin")
    for request in ({}, {"name": "ann"}, {"headers": [f"authorization: Bearer {boss}"]}):
        status, text = raw(system, "UplinkService/Connect", field(1, field(1, "s1")), **request)
        report.expect(status in (UNAUTHENTICATED, DENIED, NO_CONNECTION),
                      f"status {status} with {request} ({text!r})")
    report.case = "uplink: nothing was stored"
    report.equal(len(system.list_calls()), system.total, "calls")
    report.equal(sorted(sensor["id"] for sensor in system.json_lines("sensors", "list")),
                 ["s1", "s2"], "sensors")


def first_token(report, system):
    """Made in the data folder: of a running collector, and before the first start of another."""
    report.case = "a token made offline"
    collector = system.bin / "callbraid-collector"
    made = run(collector, "create-token", "--data", system.dir / "data", "--name", "first")
    report.equal(made.returncode, 0, f"exit code ({made.stderr!r})")
    token = made.stdout.strip()
    report.expect(re.fullmatch(r"cbt_[A-Za-z0-9_-]{43}", token), f"it is a token: {token!r}")
    time.sleep(1.5)
    report.equal(system.run_as(None, "tokens", "list", token=token).returncode, 0,
                 "it is an admin's, within two seconds")
    report.equal(list((system.dir / "data/new-tokens").iterdir()), [], "files left")
    data = subprocess.run(["grep", "-rc", token[4:], system.dir / "data"], capture_output=True,
                          text=True).stdout
    report.expect(all(line.endswith(":0") for line in data.splitlines()),
                  f"the data folder does not hold it: {data}")
    for flags in (["--name", "a b"], ["--name", "x", "--role", "root"], ["--name", "x", "--days", "0"],
                  []):
        report.equal(run(collector, "create-token", "--data", system.dir / "data", *flags).returncode,
                     2, f"exit code with {flags}")
    report.case = "a token for a collector that never ran"
    made = run(collector, "create-token", "--data", system.dir / "other", "--name", "first",
               "--role", "viewer")
    return token, made.stdout.strip()


def limits(report, system):
    """Last: it locks this address out."""
    report.case = "bad tokens"
    # In one breath: the address gets some back each second.
    _, text = send(system, "CallService/ListCalls", b"", None,
                   [f"authorization: Bearer cbt_{0:043}"], "certs", "https", times=100)
    codes = [int(code) for code in re.findall(r"grpc-status: (\d+)", text)]
    report.equal(set(codes), {UNAUTHENTICATED, EXHAUSTED}, "statuses")
    report.equal(codes[-1], EXHAUSTED, "status in the end")
    report.equal(system.run_as("ann", "calls", "list").returncode, 0,
                 "a certificate is not locked out")


def audit(report, system, viewer):
    report.case = "audit log"
    entries = system.audit()
    acts = [entry["act"] for entry in entries]
    report.equal([int(entry["sequence"]) for entry in entries],
                 list(range(len(entries), 0, -1)), "sequence without gap")
    listens = [entry for entry in entries if entry["act"] == "AUDIT_ACT_LISTEN"
               and not entry.get("status")]
    report.equal([(entry["user"], entry["target"], entry["address"], entry["credential"])
                  for entry in listens],
                 [("guest:lawyer", system.ids["berlin"], "127.0.0.1", "CREDENTIAL_TOKEN"),
                  ("ann", system.ids["berlin"], "127.0.0.1", "CREDENTIAL_CERTIFICATE")], "who listened")
    report.expect("AUDIT_ACT_REFUSED" in acts, "refusals are there")
    report.expect(any(entry.get("skipped") or entry.get("user") == "audrey" for entry in entries),
                  "the auditor's attempt to listen, or that there were more")
    made = system.json_lines("audit", "list", "--limit", "0", "--user", "callbraid-client")
    report.expect(any(entry["act"] == "AUDIT_ACT_REVOKE_TOKEN" for entry in made),
                  "revocations have a name")
    report.equal({entry["target"] for entry in
                  system.json_lines("audit", "list", "--call", system.ids["berlin"])},
                 {system.ids["berlin"]}, "filter by call")
    folder = [entry for entry in entries if entry.get("credential") == "CREDENTIAL_DATA_FOLDER"]
    report.equal(len(folder), 1, "tokens made in the data folder")
    text = json.dumps(entries) + system.log("collector")
    report.expect(viewer not in text and "cbt_" not in text, "no token is in log or audit log")
    print("\n" + system.cli("audit", "list", "--limit", "12").stdout)


def after_restart(report, system, admin):
    report.case = "after a restart"
    before = system.audit()
    report.equal(system.stop_collector(), 0, "exit code")
    system.start_collector()
    report.equal(system.run_as(None, "tokens", "list", token=admin).returncode, 0,
                 "the token holds")
    report.equal(system.audit()[-len(before):], before, "the audit log is as it was")


def plaintext(report, options, other_token):
    """As before, open to anyone; but a token that is sent is checked."""
    report.case = "plaintext"
    with harness.System(options.bin) as system:
        made = run(options.bin / "callbraid-collector", "create-token", "--data",
                   system.dir / "data", "--name", "first", "--role", "viewer")
        time.sleep(1.5)
        there = [options.bin / "callbraid", "--collector", system.address, "--insecure"]
        report.equal(run(*there, "tokens", "list").returncode, 0, "anyone may do everything")
        lines = [line for line in system.log("collector").splitlines() if "plaintext" in line]
        report.equal(len(lines), 1, "lines that say so")
        token = system.dir / "token"
        token.write_text(made.stdout)
        report.equal(run(*there, "--token-file", token, "calls", "list").returncode, 0,
                     "exit code with a viewer's token")
        report.equal(run(*there, "--token-file", token, "tokens", "list").returncode, 5,
                     "what a viewer may not")
        token.write_text(other_token)
        report.equal(run(*there, "--token-file", token, "calls", "list").returncode, 5,
                     "exit code with another collector's token")


def nobody(report, options):
    report.case = "nobody is named"
    system = harness.System(options.bin, tls=True)
    system.collector_flags = []
    with system:
        result = system.cli("calls", "list", check=False)
        report.equal(result.returncode, 5, "exit code for a certificate of the CA")
        report.expect("access.clients" in result.stderr, f"it says why: {result.stderr!r}")
        report.expect("nobody may ask" in system.log("collector"), "the log says what to do")


def main():
    options = harness.arguments()
    if not shutil.which("curl"):
        harness.skip("there is no curl")
    report = harness.Report()
    with Site(options.bin) as system:
        report.case = "set-up"
        report.equal(sorted(system.ids), ["berlin", "bonn"], "sites with a call")
        # A user's certificate of the name of a sensor, whose own one is another.
        for ending in ("pem", "key"):
            shutil.move(system.certs / f"s3.{ending}", system.certs / f"s3-user.{ending}")
        roles(report, system)
        scope(report, system)
        sharing(report, system)
        users(report, system)
        ended = watching(report, system)
        admin, other_token = first_token(report, system)
        viewer = access_attacks.attacks(report, system, ended, other_token)
        access_attacks.page_tokens(report, system)
        uplink(report, system)
        after_restart(report, system, admin)
        limits(report, system)
        audit(report, system, viewer)
    plaintext(report, options, other_token)
    nobody(report, options)
    report.finish()


main()
