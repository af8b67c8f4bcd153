"""Calls by SIP in TLS whose keys are in a key log: each is one call, like any other.

The captures are made here, with OpenSSL on both sides; what becomes of them is asked of the real
programs.
"""

import os
import ssl
import subprocess
import time

import harness
from span_captures import A, B, C, Capture
from tls_calls import (CBC_1_2, NOT_READ_1_2, RSA_1_2, SUITES_1_2, TlsCall, TlsEnds, certificate,
                       with_secrets)

V1_2, V1_3 = ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3


def config(system, key_logs, **decrypt):
    path = system.dir / "sensor.yaml"
    lines = [f"  key_logs: [{', '.join(str(log) for log in key_logs)}]"]
    lines += [f"  {name}: {value}" for name, value in decrypt.items()]
    path.write_text("decrypt:\n" + "\n".join(lines) + "\n")
    return ["--config", path]


def replay(system, capture, *options, sensor="s1"):
    process = system.run_sensor(sensor, "test", "--read", capture, *options)
    return process.wait(timeout=60)


def tls_state(system):
    sensor, = system.json_lines("sensors", "list")
    report = sensor["capturePoints"][0]["report"]
    census = report["census"]
    numbers = [int(census.get(name, 0)) for name in
               ("tlsConnections", "tlsConnectionsWithKey", "tlsConnectionsWithoutKey")]
    return numbers, {reason: int(count) for reason, count in report.get("discarded", {}).items()
                     if reason.startswith("tls_")}


def check_call(report, system, call, messages=6):
    report.equal((call["caller"], call["callee"], call["state"], len(call["legs"]),
                  len(call["streams"])),
                 ("101", "102", "CALL_STATE_COMPLETED", 2, 2), "the call")
    transports = [message["transport"]
                  for message in system.json_lines("calls", "ladder", call["id"])]
    report.equal((transports.count("TRANSPORT_TLS"), transports.count("TRANSPORT_UDP")),
                 (messages, 6), "messages")
    report.equal([stream["packets"] for stream in call["streams"]], [300, 300], "packets")


def check_suites(options, report):
    cases = [(V1_2, suite) for suite in (*SUITES_1_2, CBC_1_2)] + [(V1_3, None)]
    for version, suite in cases:
        for resumed in (False, True):
            report.case = f"{version.name} {suite or 'default'}{' resumed' if resumed else ''}"
            with harness.System(options.bin) as system:
                log = system.dir / "keys.log"
                ends = TlsEnds(system.dir, log, version, suite)
                if resumed:
                    ends.handshake()
                    ends = TlsEnds(system.dir, log, session=ends)
                capture = Capture()
                TlsCall(capture, "tls-1", A, B, ends=ends).signalling().both_speak()
                report.equal(ends.ends[True].session_reused, resumed, "resumed")
                path = capture.write(system.dir / "tls.pcap")
                os.chmod(log, 0o600)
                report.equal(replay(system, path, *config(system, [log])), 0, "exit")
                calls = system.calls()
                if report.equal(len(calls), 1, "calls"):
                    check_call(report, system, calls[0])
                report.equal(tls_state(system), ([1, 1, 0], {}), "connections, records not read")
                text = system.cli("sensors", "list").stdout
                report.expect("TLS CONNECTIONS" in text, f"sensors list:\n{text}")
                check_no_secrets(report, system, log)


def check_no_secrets(report, system, log):
    """What the key log says is in no log, no answer, no spool and no store."""
    secrets = [line.split()[2] for line in log.read_text().splitlines() if not line.startswith("#")]
    report.expect(len(secrets) > 0, "there are secrets")
    text = system.log("s1") + system.log("collector") + system.cli(
        "sensors", "list", "--json").stdout
    report.expect(not any(secret in text for secret in secrets), "no secret in words")
    stored = [path.read_bytes() for folder in ("data", "spool-s1")
              for path in (system.dir / folder).rglob("*") if path.is_file()]
    report.expect(not any(bytes.fromhex(secret) in data or secret.encode() in data
                          for secret in secrets for data in stored), "no secret on disk")


def check_without_key(options, report):
    for case, key_logs, expected in (("no key log", False, ([0, 0, 0], set())),
                                     ("no key", True, ([1, 0, 1], {"tls_no_key"}))):
        report.case = case
        with harness.System(options.bin) as system:
            log = system.dir / "keys.log"
            capture = Capture()
            TlsCall(capture, "tls-1", A, B,
                    ends=TlsEnds(system.dir, log)).signalling().both_speak()
            path = capture.write(system.dir / "tls.pcap")
            log.write_text("# nothing\n")
            report.equal(replay(system, path, *(config(system, [log]) if key_logs else [])), 0, "exit")
            transports = [message["transport"] for call in system.calls()
                          for message in system.json_lines("calls", "ladder", call["id"])]
            report.equal(set(transports), {"TRANSPORT_UDP"}, "transports")
            numbers, discarded = tls_state(system)
            report.equal((numbers, set(discarded)), expected, "connections, records not read")


def check_cipher(options, report):
    report.case = "a cipher that is not read"
    with harness.System(options.bin) as system:
        log = system.dir / "keys.log"
        capture = Capture()
        TlsCall(capture, "tls-1", A, B,
                ends=TlsEnds(system.dir, log, V1_2, NOT_READ_1_2)).signalling().both_speak()
        report.equal(replay(system, capture.write(system.dir / "tls.pcap"),
                            *config(system, [log])), 0, "exit")
        numbers, discarded = tls_state(system)
        report.equal((numbers, set(discarded)), ([1, 0, 0], {"tls_cipher_not_read"}),
                     "connections, records not read")


def check_server_key(options, report):
    """Nobody wrote a key log: the private key of the PBX is enough for RSA key exchange."""
    for suite in RSA_1_2:
        report.case = f"server key, {suite}"
        with harness.System(options.bin) as system:
            capture = Capture()
            TlsCall(capture, "tls-1", A, B,
                    ends=TlsEnds(system.dir, system.dir / "unused.log", V1_2, suite)
                    ).signalling().both_speak()
            path = capture.write(system.dir / "tls.pcap")
            key = certificate(system.dir, rsa=True)
            report.equal(replay(system, path, *config(system, [], server_keys=f"[{key}]")), 0, "exit")
            call, = system.calls()
            check_call(report, system, call)
            report.equal(tls_state(system), ([1, 1, 0], {}), "connections, records not read")
    report.case = "a server key that is none"
    with harness.System(options.bin) as system:
        capture = Capture()
        TlsCall(capture, "tls-1", A, B,
                ends=TlsEnds(system.dir, system.dir / "unused.log")).signalling()
        path = capture.write(system.dir / "tls.pcap")
        for key, complaint in ((system.dir / "none.pem", "No such file or directory"),
                               (certificate(system.dir), "holds no RSA key")):
            report.equal(replay(system, path, *config(system, [], server_keys=f"[{key}]"),
                                sensor="s2"), 1, "exit")
            report.expect(complaint in system.log("s2"), system.log("s2"))


def check_losses(options, report):
    """The PBX's 200 was not captured; the rest is there. Then all but the handshake."""
    for version in (V1_2, V1_3):
        report.case = f"{version.name} with a segment lost"
        with harness.System(options.bin) as system:
            log = system.dir / "keys.log"
            capture = Capture()
            TlsCall(capture, "tls-1", A, B, ends=TlsEnds(system.dir, log, version),
                    lost=[1]).signalling().both_speak()
            report.equal(replay(system, capture.write(system.dir / "tls.pcap"),
                                *config(system, [log])), 0, "exit")
            calls = system.calls()
            if report.equal(len(calls), 1, "calls"):
                check_call(report, system, calls[0], messages=5)
            report.equal(tls_state(system), ([1, 1, 0], {}), "connections, records not read")
    report.case = "joined in the middle"
    with harness.System(options.bin) as system:
        log = system.dir / "keys.log"
        capture = Capture()
        TlsCall(capture, "tls-1", A, B, ends=TlsEnds(system.dir, log), joined=True).signalling()
        report.equal(replay(system, capture.write(system.dir / "tls.pcap"),
                            *config(system, [log])), 0, "exit")
        report.equal(tls_state(system), ([0, 0, 0], {"tls_no_handshake": 6}),
                     "connections, records not read")


def check_interleaved(options, report):
    report.case = "two connections"
    with harness.System(options.bin) as system:
        log = system.dir / "keys.log"
        capture = Capture()
        for n, (callee, version) in enumerate(((B, V1_2), (C, V1_3))):
            TlsCall(capture, f"tls-{n}", A, callee, ends=TlsEnds(system.dir, log, version),
                    client_port=50100 + n, start_ms=5 * n).signalling()
        report.equal(replay(system, capture.write(system.dir / "tls.pcap"),
                            *config(system, [log])), 0, "exit")
        report.equal(sorted((call["caller"], call["callee"]) for call in system.calls()),
                     [("101", "102"), ("101", "103")], "calls")
        report.equal(tls_state(system), ([2, 2, 0], {}), "connections, records not read")


def check_late_keys(options, report):
    """The PBX writes its keys a while after the call has begun: to a file, and into a pipe."""
    for kind in ("file", "pipe"):
        report.case = f"keys that come late, by a {kind}"
        with harness.System(options.bin) as system:
            log = system.dir / "written.log"
            feed = system.dir / "keys.log"
            capture = Capture()
            TlsCall(capture, "tls-1", A, B,
                    ends=TlsEnds(system.dir, log)).signalling().both_speak()
            path = capture.write(system.dir / "tls.pcap")
            if kind == "pipe":
                os.mkfifo(feed)
            else:
                feed.touch()
            sensor = system.run_sensor("s1", "test", "--read", path, "--speed", "2",
                                       *config(system, [feed]))
            time.sleep(1.5)
            report.equal(sensor.poll(), None, "the sensor is at it")
            with open(feed, "w") as pipe:
                pipe.write(log.read_text())
            report.equal(sensor.wait(timeout=60), 0, "exit")
            calls = system.calls()
            if report.equal(len(calls), 1, "calls"):
                check_call(report, system, calls[0])
            report.equal(tls_state(system), ([1, 1, 0], {}), "connections, records not read")


def check_secrets_block(options, report):
    report.case = "keys in the capture file"
    with harness.System(options.bin) as system:
        log = system.dir / "keys.log"
        capture = Capture()
        TlsCall(capture, "tls-1", A, B,
                ends=TlsEnds(system.dir, log)).signalling().both_speak()
        path = with_secrets(capture.write(system.dir / "tls.pcap"), log, system.dir / "tls.pcapng")
        for compressed in (False, True):
            if compressed:
                subprocess.run(["gzip", "-k", path], check=True)
                path = path.with_suffix(".pcapng.gz")
            report.equal(replay(system, path, sensor=f"s{1 + compressed}"), 0, "exit")
        calls = system.calls()
        if report.equal(len(calls), 1, "calls"):
            call, = calls
            report.equal([len(leg["observations"]) for leg in call["legs"]], [2, 2], "observations")


def check_mistakes(options, report):
    report.case = "operators' mistakes"
    with harness.System(options.bin) as system:
        log = system.dir / "keys.log"
        capture = Capture()
        TlsCall(capture, "tls-1", A, B, ends=TlsEnds(system.dir, log)).signalling()
        path = capture.write(system.dir / "tls.pcap")
        os.chmod(log, 0o644)
        good = log.read_text()
        log.write_text("CLIENT_RANDOM too short\nnonsense\n" + good)
        report.equal(replay(system, path, *config(system, [log])), 0, "malformed lines are skipped")
        said = system.log("s1")
        report.equal((said.count("line 1 of the key log"), said.count("anybody on this machine"),
                      said.count("key log")), (1, 1, 2), f"lines in the log:\n{said}")
        report.equal(len(system.calls()), 1, "calls")
        for key_log, complaint in ((system.dir / "none.log", "No such file or directory"),
                                   (system.dir, "Is a directory")):
            report.equal(replay(system, path, *config(system, [key_log]), sensor="s2"), 1, "exit")
            report.expect(complaint in system.log("s2"), system.log("s2"))
        report.equal(replay(system, path, *config(system, [log], key_wait_ms=5), sensor="s3"), 1, "exit")
        report.expect("decrypt.key_wait_ms is 5" in system.log("s3"), system.log("s3"))


def main():
    options = harness.arguments()
    report = harness.Report()
    for check in (check_suites, check_without_key, check_cipher, check_server_key, check_losses,
                  check_interleaved, check_late_keys, check_secrets_block, check_mistakes):
        if options.only in check.__name__:
            check(options, report)
    report.finish()


if __name__ == "__main__":
    main()
