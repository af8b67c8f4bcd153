"""The script of `callbraid completion`, in bash as a user has it."""

import subprocess

import harness

# What was typed, the last word still open, and what is offered.
CASES = {
    "callbraid ca": {"calls"},
    "callbraid calls re": {"reconcile", "release"},
    "callbraid --collector calls sensors d": {"doctor"},
    "callbraid calls list --st": {"--state"},
    "callbraid --tls-ca x calls list --fr": {"--from"},
    "callbraid calls list --from ": set(),
    "callbraid calls reconcile /etc/hostn": {"/etc/hostname"},
    "callbraid calls audio --output /etc/hostn": {"/etc/hostname"},
    "callbraid switch-config ch": {"check"},
    "callbraid calls list x": set(),
    "callbraid --ver": {"--version"},
}

# compopt works within a completion only.
ASK = """
set -u
compopt() { :; }
eval "$SCRIPT"
complete -p callbraid >/dev/null || exit 1
COMP_WORDS=("$@")
COMP_CWORD=$(($# - 1))
_callbraid
printf '%s\\n' "${COMPREPLY[@]}"
"""


def offered(script, typed):
    result = subprocess.run(["bash", "--norc", "-c", ASK, "bash", *typed.split(" ")],
                            env={"SCRIPT": script}, capture_output=True, text=True)
    if result.stderr:
        raise RuntimeError(f"{typed!r}: {result.stderr}")
    return set(result.stdout.split())


def main():
    options = harness.arguments()
    report = harness.Report()
    report.case = "completion"
    script = subprocess.run([options.bin / "callbraid", "completion"], capture_output=True,
                            text=True, check=True).stdout
    for typed, words in CASES.items():
        report.equal(offered(script, typed), words, f"{typed!r}")
    # Every command of the help is offered.
    overview = subprocess.run([options.bin / "callbraid", "--help"], capture_output=True, text=True,
                              check=True).stdout.split("COMMAND\n")[1].split("`callbraid")[0]
    for line in filter(None, overview.splitlines()):
        words = line[2:26].split()
        group = words[1] if len(words) > 1 and words[1].islower() else None
        report.expect(words[0] in offered(script, "callbraid "), f"{words[0]} is offered")
        if group:
            report.expect(group in offered(script, f"callbraid {words[0]} "),
                          f"{words[0]} {group} is offered")
    report.finish()


main()
