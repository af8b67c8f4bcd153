"""The Debian packages: what they hold, what they want, and that their settings and services are good.

They are made of this build, unpacked into a folder, and run from there: nothing is installed.
"""

import os
import pathlib
import re
import shutil
import subprocess
import tempfile

import harness

PACKAGES = {"callbraid-sensor", "callbraid-collector", "callbraid"}
# What a sensor must not pull in: a small machine at a branch has it.
NOT_FOR_A_SENSOR = re.compile(r"librocksdb|libav|libspandsp|libmicrohttpd|libsrtp|libsndfile")


def run(*words, **options):
    return subprocess.run([str(word) for word in words], capture_output=True, text=True, check=False,
                          **options)


def make(build, folder):
    """Unstripped names of a debug build would only cost time here."""
    made = run("cpack", "--config", build / "CPackConfig.cmake", "-G", "DEB", "-B", folder,
               "-D", "CPACK_DEBIAN_COMPRESSION_TYPE=gzip", cwd=build)
    if made.returncode != 0:
        raise RuntimeError(made.stdout + made.stderr)
    return {field(path, "Package"): path for path in sorted(folder.glob("*.deb"))}


def field(package, name):
    return run("dpkg-deb", "--field", package, name).stdout.strip()


def files_of(package):
    """Path: (mode, owner)."""
    lines = run("dpkg-deb", "--contents", package).stdout.splitlines()
    return {line.split(None, 5)[5].removeprefix("."): line.split()[:2] for line in lines}


def check_contents(report, packages):
    report.case = "contents"
    report.expect(PACKAGES <= set(packages), f"packages {sorted(packages)}")
    wanted = {
        "callbraid-sensor": ["/usr/bin/callbraid-sensor", "/etc/callbraid/sensor.yaml",
                             "/lib/systemd/system/callbraid-sensor.service",
                             "/usr/share/doc/callbraid-sensor/copyright",
                             "/usr/share/man/man8/callbraid-sensor.8.gz",
                             "/usr/share/man/man5/callbraid-sensor.yaml.5.gz"],
        "callbraid-collector": ["/usr/bin/callbraid-collector", "/usr/bin/callbraid-make-certs",
                                "/etc/callbraid/collector.yaml",
                                "/lib/systemd/system/callbraid-collector.service",
                                "/usr/share/doc/callbraid-collector/operations.md",
                                "/usr/share/man/man8/callbraid-collector.8.gz",
                                "/usr/share/man/man5/callbraid-collector.yaml.5.gz"],
        "callbraid": ["/usr/bin/callbraid", "/usr/share/bash-completion/completions/callbraid",
                      "/usr/share/man/man1/callbraid.1.gz"],
        "callbraid-codecs": ["/usr/share/doc/callbraid-codecs/copyright"],
    }
    owners = {}
    for name, package in packages.items():
        files = files_of(package)
        for path in wanted[name]:
            report.expect(path in files, f"{name} has {path}")
        for path, (mode, owner) in files.items():
            report.expect(owner == "root/root" and mode[8] != "w", f"{name}: {path} is {mode} {owner}")
            if not path.endswith("/"):
                owners.setdefault(path, []).append(name)
    twice = {path: names for path, names in owners.items() if len(names) > 1}
    report.expect(not twice, f"files in one package only, not {twice}")


def check_control(report, packages):
    report.case = "control"
    for name, package in packages.items():
        depends = field(package, "Depends")
        report.expect("libc6" in depends, f"{name} depends on {depends}")
        report.expect(field(package, "Description").count("\n") >= 1, f"{name} has a description")
    report.expect(not NOT_FOR_A_SENSOR.search(field(packages["callbraid-sensor"], "Depends")),
                  "a sensor stays small: " + field(packages["callbraid-sensor"], "Depends"))
    report.expect("librocksdb" in field(packages["callbraid-collector"], "Depends"), "a collector has a store")
    with tempfile.TemporaryDirectory() as control:
        for name in ("callbraid-sensor", "callbraid-collector"):
            run("dpkg-deb", "--control", packages[name], control)
            control_files = pathlib.Path(control)
            report.equal(control_files.joinpath("conffiles").read_text(),
                         f"/etc/callbraid/{name.removeprefix('callbraid-')}.yaml\n", f"{name}: conffiles")
            for script in ("postinst", "prerm", "postrm"):
                checked = run("sh", "-n", control_files / script)
                report.equal(checked.returncode, 0, f"{name}: {script} {checked.stderr}")
                report.expect(os.access(control_files / script, os.X_OK), f"{name}: {script} is executable")
            shutil.rmtree(control)


def check_settings(report, root, certs):
    """The settings, as shipped, are good once their certificates are there."""
    report.case = "settings"
    for program, config in (("collector", "certs"), ("sensor", "tls")):
        text = (root / f"etc/callbraid/{program}.yaml").read_text()
        text = text.replace("/etc/callbraid/certs", str(certs)).replace("/var/lib/callbraid-sensor/tls", str(certs))
        text = text.replace("sensor.pem", "s1.pem").replace("sensor.key", "s1.key")
        text = text.replace("/var/lib", str(root / "var/lib"))
        settings = root / f"{program}.yaml"
        settings.write_text(text)
        checked = run(root / f"usr/bin/callbraid-{program}", "--config", settings, "--check")
        report.equal(checked.returncode, 0, f"{program}: {checked.stderr}")


def check_units(report, root):
    if shutil.which("systemd-analyze") is None:
        print("no systemd-analyze here: units are not checked")
        return
    report.case = "units"
    for name in ("sensor", "collector"):
        unit = root / f"lib/systemd/system/callbraid-{name}.service"
        # Programs and documents are where the package would have put them.
        text = unit.read_text().replace("/usr/", f"{root}/usr/")
        unit.write_text(text)
        verified = run("systemd-analyze", "verify", "--man=no", "--recursive-errors=no", unit)
        ours = [line for line in (verified.stdout + verified.stderr).splitlines() if "callbraid" in line]
        report.equal(ours, [], f"{name}: verified")
        rated = run("systemd-analyze", "security", "--offline=true", "--threshold=30", unit)
        report.equal(rated.returncode, 0, f"{name}: exposure {rated.stdout.splitlines()[-1:]}")


def main():
    options = harness.arguments()
    if shutil.which("cpack") is None or shutil.which("dpkg-shlibdeps") is None:
        harness.skip("packages are made by cpack and dpkg-shlibdeps (package dpkg-dev)")
    build = options.bin.resolve().parent
    report = harness.Report()
    with tempfile.TemporaryDirectory(prefix="callbraid-test-") as folder:
        folder = pathlib.Path(folder)
        packages = make(build, folder)
        check_contents(report, packages)
        check_control(report, packages)
        root = folder / "root"
        for package in packages.values():
            run("dpkg-deb", "--extract", package, root)
        report.case = "programs"
        for program in ("callbraid", "callbraid-sensor", "callbraid-collector"):
            report.expect("0." in run(root / "usr/bin" / program, "--version").stdout, f"{program} runs")
        made = run(root / "usr/bin/callbraid-make-certs", folder / "certs", "s1")
        report.equal(made.returncode, 0, f"certificates: {made.stderr}")
        check_settings(report, root, folder / "certs")
        check_units(report, root)
    report.finish()


main()
