"""The clock of one program is set, by hours, while it runs; certificates expire."""

import datetime
import subprocess
import time

import injections

SPEED = 2
HOUR = 3600


def set_at_random(run, random, program):
    # It begins ahead, so that certificates are valid whatever it is set to.
    layer = run.layer(program)
    layer.set_clock(6 * HOUR)
    if program == "collector":
        run.restart_collector(stop=True)
    run.play(SPEED)
    for hours in (0, 9, random.uniform(1, 5), 24):
        time.sleep(random.uniform(0.4, 1.2))
        layer.set_clock(hours * HOUR)
    run.finish()
    return 4


def clock_of_the_collector_is_set(run, random):
    return set_at_random(run, random, "collector")


def clock_of_a_sensor_is_set(run, random):
    return set_at_random(run, random, "s1")


def clock_is_set_between_restarts(run, random):
    layers = [run.layer("collector"), run.layer("s1")]
    run.play(SPEED)
    for hours in (8, 1, 4):
        time.sleep(random.uniform(0.4, 1.0))
        for layer in layers:
            layer.set_clock(hours * HOUR)
        run.restart_collector()
        run.running["s1"].kill()
        run.running["s1"].wait()
        run.play(SPEED, ["s1"])
    run.finish()
    return 3


def certify(run, name, seconds):
    """A new certificate for the key that there is, valid for so long."""
    certs = run.dir / "certs"
    old = subprocess.run(["openssl", "x509", "-in", certs / f"{name}.pem", "-noout", "-subject",
                          "-ext", "subjectAltName,extendedKeyUsage"],
                         capture_output=True, text=True, check=True).stdout
    names = [line.strip().replace("IP Address:", "IP:") for line in old.splitlines()
             if line.strip().startswith(("DNS:", "URI:", "IP:"))]
    usage = "serverAuth" if "TLS Web Server" in old else "clientAuth"
    folder = certs / f"ca-{name}-{time.monotonic_ns()}"
    folder.mkdir()
    (folder / "index.txt").touch()
    (folder / "openssl.cnf").write_text(
        f"[ca]\ndefault_ca=d\n[d]\ndatabase={folder}/index.txt\nnew_certs_dir={folder}\n"
        "default_md=sha256\npolicy=p\nrand_serial=yes\nx509_extensions=x\n[p]\ncommonName=supplied\n"
        f"[x]\nsubjectAltName={names[0]}\nextendedKeyUsage={usage}\nkeyUsage=digitalSignature\n")
    request = folder / "request.pem"
    subject = old.splitlines()[0].split("CN = ")[1].strip()
    subprocess.run(["openssl", "req", "-new", "-key", certs / f"{name}.key", "-subj",
                    f"/CN={subject}", "-out", request], check=True, stderr=subprocess.DEVNULL)
    now = datetime.datetime.now(datetime.timezone.utc)
    begin, end = ((now + datetime.timedelta(seconds=s)).strftime("%Y%m%d%H%M%SZ")
                  for s in (-60, seconds))
    subprocess.run(["openssl", "ca", "-batch", "-notext", "-config", folder / "openssl.cnf",
                    "-cert", certs / "ca.pem", "-keyfile", certs / "ca.key", "-in", request,
                    "-startdate", begin, "-enddate", end, "-out", folder / "new.pem"],
                   check=True, stderr=subprocess.DEVNULL)
    (folder / "new.pem").rename(certs / f"{name}.pem")
    return time.monotonic() + seconds


def connections(run, sensor):
    return run.log("collector").count(f"sensor {sensor} connected")


def certificate_of_a_sensor_expires(run, random):
    """What flows goes on; the next dial is refused, the sensor says why; renewed, it goes on."""
    expires = certify(run, "s1", 6)
    run.play(1)
    run.wait_for_log("collector", "sensor s1 connected")
    time.sleep(max(0, expires - time.monotonic()) + 1.5)
    run.expect(connections(run, "s1") == 1, "its stream goes on")
    run.restart_collector()
    run.wait_for_log("s1", "s1.pem expired")
    run.wait_for_log("collector", "sensor s2 connected")
    run.expect(connections(run, "s1") == 1, "it is not let in again")
    run.expect(run.log("s1").count("expired") <= 2, f"it says so once: {run.log('s1')}")
    certify(run, "s1", 86400)
    run.finish()
    return 1


def certificate_of_the_collector_expires(run, random):
    expires = certify(run, "collector", 6)
    run.restart_collector(stop=True)
    run.play(1)
    run.wait_for_log("collector", "sensor s1 connected", "sensor s2 connected")
    time.sleep(max(0, expires - time.monotonic()) + 1.5)
    run.expect(connections(run, "s1") == 1, "streams go on")
    run.restart_collector()
    run.wait_for_log("s1", "certificate verify failed", "none of them expired")
    certify(run, "collector", 86400)
    run.finish()
    return 1


injections.main(clock_of_the_collector_is_set, clock_of_a_sensor_is_set,
                clock_is_set_between_restarts, certificate_of_a_sensor_expires,
                certificate_of_the_collector_expires)
