"""The manual pages: man and mandoc find nothing wrong with them, and every command, flag and setting is
in them. What there is comes from the programs and, for settings, from protoc's reading of the protos.
"""

import re
import shutil
import subprocess
import tempfile
import pathlib

from google.protobuf import descriptor_pb2

import harness

PAGES = ("callbraid.1", "callbraid-collector.8", "callbraid-sensor.8", "callbraid-collector.yaml.5", "callbraid-sensor.yaml.5")


def run(*command, **more):
    return subprocess.run(list(map(str, command)), check=True, capture_output=True, text=True, **more)


def shown(page):
    """As a reader sees it, in one line."""
    text = run("mandoc", "-Tutf8", "-Owidth=500", page).stdout
    return " ".join(re.sub(".\x08", "", text).split())


def flags(*command):
    """Every flag that --help names."""
    return set(re.findall(r"(?:^  |, )(--?[a-z][\w-]*)", run(*command, "--help").stdout, re.MULTILINE))


def commands(program):
    return [match.split() for match in re.findall(r"^  ([a-z][a-z -]*[a-z])(?: \[?[A-Z]+\]?)?  ", run(program, "--help").stdout, re.MULTILINE)]


def settings(folder, message):
    """Full names of all keys below `message`, as the page writes them."""
    out = folder / "config.desc"
    run("protoc", "-I", harness.ROOT / "proto", f"--descriptor_set_out={out}", "callbraid/v1/config.proto")
    file, = descriptor_pb2.FileDescriptorSet.FromString(out.read_bytes()).file
    messages = {f".{file.package}.{one.name}": one for one in file.message_type}

    def below(name, prefix):
        for field in messages[name].field:
            repeated = field.label == field.LABEL_REPEATED
            if field.type_name in messages:
                yield from below(field.type_name, f"{prefix}{field.name}{'[]' if repeated else ''}.")
            else:
                yield prefix + field.name
    return list(below(f".{file.package}.{message}", ""))


def check_format(report, man):
    for name in PAGES:
        report.case = name
        lint = subprocess.run(["mandoc", "-Tlint", "-Wwarning", man / name], capture_output=True, text=True)
        report.equal((lint.returncode, lint.stdout), (0, ""), "what mandoc finds")
        warned = run("man", "--warnings", "-E", "UTF-8", "-l", "-Tutf8", "-Z", man / name).stderr
        report.equal(warned, "", "what man warns of")
        text = shown(man / name)
        for head in ("NAME", "DESCRIPTION", "SEE ALSO"):
            report.expect(head in text, f"has {head}")


def check_programs(report, bin_dir, man):
    report.case = "callbraid.1"
    text = shown(man / "callbraid.1")
    program = bin_dir / "callbraid"
    report.expect(len(commands(program)) > 20, "commands are found")
    for words in commands(program):
        report.expect(" ".join(words) in text, f"the command {words}")
        for flag in flags(program, *words):
            report.expect(f" {flag} " in text or f" {flag}, " in text, f"{words} {flag}")
    for name, more in (("callbraid-collector", "create-token"), ("callbraid-sensor", "enroll")):
        report.case = f"{name}.8"
        text = shown(man / f"{name}.8")
        for flag in flags(bin_dir / name) | flags(bin_dir / name, more):
            report.expect(f" {flag} " in text or f" {flag}, " in text, flag)


def check_settings(report, folder, man):
    for name, message, least in (("collector", "CollectorConfig", 60), ("sensor", "SensorConfig", 30)):
        report.case = f"callbraid-{name}.yaml.5"
        text = shown(man / f"callbraid-{name}.yaml.5")
        keys = settings(folder, message)
        report.expect(len(keys) >= least, f"keys are found: {len(keys)}")
        for key in keys:
            report.expect(f" {key} (" in text, key)


def main():
    options = harness.arguments()
    for tool in ("mandoc", "man", "protoc"):
        if not shutil.which(tool):
            harness.skip(f"{tool} is not installed")
    report = harness.Report()
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        run(harness.ROOT / "deploy/man/make_pages", "--bin", options.bin, "--proto",
            harness.ROOT / "proto/callbraid/v1/config.proto", "--out", folder)
        report.equal(sorted(path.name for path in folder.iterdir()), sorted(PAGES), "pages")
        check_format(report, folder)
        check_programs(report, options.bin, folder)
        check_settings(report, folder, folder)
    report.finish()


main()
