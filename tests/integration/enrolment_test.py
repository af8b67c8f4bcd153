#!/usr/bin/env python3
"""A sensor's certificate from first to last, with the real programs: the token, enrolment, what
the sensor is bound to, renewal while it runs, revocation of a stream under way.

Prints what docs/security.md shows.
"""

import datetime
import os
import stat
import subprocess
import time

import harness

CAPTURE = harness.ROOT / "deploy/quickstart.d/sw1.pcap"

CONFIG = """
access:
  clients:
    - {{name: callbraid-client, role: admin}}
enroll:
  ca_cert: {certs}/ca.pem
  ca_key: {certs}/ca.key
"""

# For `openssl ca`, which alone takes dates.
AUTHORITY = """
[ca]
default_ca = ours
[ours]
database = {dir}/index.txt
new_certs_dir = {dir}
certificate = {certs}/ca.pem
private_key = {certs}/ca.key
default_md = sha256
rand_serial = yes
policy = any
[any]
commonName = supplied
[sensor]
subjectAltName = URI:spiffe://callbraid/sensor/s1
"""


class Site(harness.System):
    def __init__(self, bin_dir):
        super().__init__(bin_dir, tls=True)
        config = self.dir / "collector.yaml"
        config.write_text(CONFIG.format(certs=self.dir / "certs"))
        self.collector_flags = ["--config", config]

    def show(self, command, result):
        """As an operator would see it."""
        text = f"$ {command}\n{result.stdout}{result.stderr}"
        print(text.replace(str(self.dir), ".").replace(self.address, "collector.example:4700"))

    def invite(self, *flags):
        result = self.cli("sensors", "enroll", "s1", "--site", "berlin", *flags)
        (self.dir / "s1.token").write_text(result.stdout)
        return result

    def enroll(self, *flags):
        return subprocess.run(
            [self.bin / "callbraid-sensor", "enroll", "--collector", self.address,
             "--token-file", self.dir / "s1.token", "--out", self.dir / "tls", *flags],
            capture_output=True, text=True, timeout=60)

    def start(self, site="berlin", speed="max", spool="spool"):
        tls = self.dir / "tls"
        log = open(self.dir / "s1.log", "wb")
        process = subprocess.Popen(
            [self.bin / "callbraid-sensor", "--id", "s1", "--site", site, "--read", CAPTURE,
             "--speed", speed, "--spool", self.dir / spool, "--collector", self.address,
             "--tls-ca", tls / "ca.pem", "--tls-cert", tls / "sensor.pem",
             "--tls-key", tls / "sensor.key"], stdout=log, stderr=log)
        self.sensors.append(process)
        return process

    def sensor(self):
        return [s for s in self.json_lines("sensors", "list") if s["id"] == "s1"][0]

    def wait_for(self, condition, timeout=20):
        deadline = time.monotonic() + timeout
        while time.monotonic() < deadline:
            if condition():
                return True
            time.sleep(0.1)
        return False


def openssl(*command):
    subprocess.run(["openssl", *command], check=True, capture_output=True)


def age(site):
    """Puts a certificate with little left of a long life in place of the sensor's."""
    folder, tls = site.dir / "authority", site.dir / "tls"
    folder.mkdir()
    (folder / "index.txt").touch()
    config = folder / "ca.cnf"
    config.write_text(AUTHORITY.format(dir=folder, certs=site.dir / "certs"))
    openssl("req", "-new", "-key", tls / "sensor.key", "-subj", "/CN=s1", "-out", folder / "s1.csr")
    now = datetime.datetime.now(datetime.timezone.utc)
    stamp = "%Y%m%d%H%M%SZ"
    openssl("ca", "-batch", "-config", config, "-extensions", "sensor", "-in", folder / "s1.csr",
            "-startdate", (now - datetime.timedelta(days=60)).strftime(stamp),
            "-enddate", (now + datetime.timedelta(days=1)).strftime(stamp),
            "-notext", "-out", folder / "s1.pem")
    (tls / "sensor.pem").write_bytes((folder / "s1.pem").read_bytes())


def enrol(site, report):
    report.case = "enrolment"
    invited = site.invite()
    site.show("callbraid sensors enroll s1 --site berlin > s1.token", invited)
    report.expect(invited.stdout.startswith("cbe1:s1:"), "prints a token")
    site.show("callbraid sensors list", site.cli("sensors", "list"))
    enrolled = site.enroll()
    site.show("callbraid-sensor enroll --collector collector.example:4700 --token-file s1.token "
              "--out ./tls", enrolled)
    report.equal(enrolled.returncode, 0, "exit code of enroll")
    report.expect("cert: " in enrolled.stdout, "prints the settings")
    mode = stat.S_IMODE(os.stat(site.dir / "tls/sensor.key").st_mode)
    report.equal(mode, 0o600, "mode of the key")
    report.equal(site.start().wait(timeout=60), 0, f"the sensor delivers: {site.log('s1')}")
    report.expect(int(site.sensor()["framesStored"]) > 0, "frames are stored")
    again = site.enroll()
    site.show("callbraid-sensor enroll ...    # a second time", again)
    report.equal(again.returncode, 1, "exit code with a used token")
    report.expect("was used already" in again.stderr, f"says why: {again.stderr}")
    (site.dir / "s1.token").write_text("cbe1:s1:AAAA:AAAA\n")
    report.equal(site.enroll().returncode, 2, "exit code with no token")


def binding(site, report):
    report.case = "binding"
    sensor = site.start(site="paris", spool="spool-paris")
    report.equal(sensor.wait(timeout=60), 1, "exit code at another site")
    report.expect("is bound to site 'berlin' and says that it is at 'paris'" in site.log("s1"),
                  f"says why: {site.log('s1')}")
    report.equal(site.sensor()["refused"], {"site": "1"}, "counted")


def renewal(site, report):
    report.case = "renewal"
    age(site)
    before = (site.dir / "tls/sensor.pem").read_text()
    key = (site.dir / "tls/sensor.key").read_text()
    sensor = site.start(speed="0.5", spool="spool-renewal")  # 20 s; it looks within 10.
    report.expect(site.wait_for(lambda: "certificate was renewed" in site.log("s1")),
                  f"is renewed: {site.log('s1')}")
    report.expect((site.dir / "tls/sensor.pem").read_text() != before, "another certificate")
    report.equal((site.dir / "tls/sensor.key").read_text(), key, "the key")
    report.equal(sensor.poll(), None, "it goes on")
    report.equal(sensor.wait(timeout=60), 0, "and comes to its end")
    report.equal(site.log("s1").count("connected to collector"), 1, "connections meanwhile")
    print(site.log("s1"))
    report.equal(site.start(spool="spool-renewed").wait(timeout=60), 0, "the new one is good")


def revocation(site, report):
    report.case = "revocation"
    sensor = site.start(speed="real", spool="spool-revoked")
    report.expect(site.wait_for(lambda: site.sensor().get("connected")), "is connected")
    began = time.monotonic()
    site.show("callbraid sensors revoke s1", site.cli("sensors", "revoke", "s1"))
    report.equal(sensor.wait(timeout=30), 1, "exit code of the sensor")
    print(f"the sensor's end came {time.monotonic() - began:.1f} s after\n")
    report.expect("is revoked" in site.log("s1"), f"says why: {site.log('s1')}")
    site.show("callbraid sensors list", site.cli("sensors", "list"))
    report.equal(site.start(spool="spool-revoked").wait(timeout=60), 1, "refused again")
    site.kill_collector()
    site.start_collector()
    report.equal(site.start(spool="spool-revoked").wait(timeout=60), 1, "after a restart, too")
    site.show("callbraid sensors allow s1", site.cli("sensors", "allow", "s1"))
    report.equal(site.start(spool="spool-revoked").wait(timeout=60), 0, "comes again")
    report.equal(site.cli("sensors", "revoke", "s7", check=False).returncode, 3,
                 "exit code of revoking nobody")
    acts = [entry["act"] for entry in site.json_lines("audit", "list")]
    for act in ("ENROLL_SENSOR", "CERTIFY_SENSOR", "REVOKE_SENSOR", "ALLOW_SENSOR", "REFUSED"):
        report.expect(f"AUDIT_ACT_{act}" in acts, f"the audit log has {act}")


def main():
    arguments = harness.arguments()
    report = harness.Report()
    with Site(arguments.bin) as site:
        for part in (enrol, binding, renewal, revocation):
            part(site, report)
    report.finish()


if __name__ == "__main__":
    main()
