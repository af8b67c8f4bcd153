"""What is wrong with the recorder, told once when it begins and once when it ends: a certificate that
ends within days, by syslog and by a webhook, while the collector is killed between. Five minutes, most
of them waiting."""

import re
import subprocess
import time

import harness
from event_servers import DatagramServer
from event_system import Events
from webhook_receiver import Receiver


class AlertSystem(Events):
    """With a certificate of its own for browsers."""

    def certificate(self, days):
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                        "-days", str(days), "-subj", "/CN=collector", "-keyout", self.dir / "web.key", "-out", self.dir / "web.pem"],
                       check=True, stderr=subprocess.DEVNULL)


def settled(messages, count, timeout):
    """Whether there are `count` within `timeout` seconds."""
    deadline = time.monotonic() + timeout
    while len(messages()) < count and time.monotonic() < deadline:
        time.sleep(0.2)
    return len(messages()) == count


def parts(message):
    """(priority, MSGID, {name: value})."""
    head = re.match(r"<(\d+)>1 \S+ \S+ callbraid-collector \d+ (\S+) - \ufeffalert (?:began|ended) ", message)
    return int(head[1]), head[2], dict(re.findall(r'(\w+)="((?:[^"\\]|\\.)*)"', message))


def check(report, system, alarms, plain, receiver):
    def told():
        return list(alarms.packets)
    report.expect(settled(told, 1, 100), f"it is told of by syslog: {told()}")
    priority, kind, values = parts(told()[0].decode())
    report.equal((priority, kind), (16 * 8 + 4, "alert_began"), "priority and MSGID")
    report.equal((values["kind"], values["severity"]), ("certificate_expires", "warning"), "kind and severity")
    report.expect("(web.cert) expires in 4 days and 23 hours" in values["text"], f"text: {values['text']}")
    report.expect(receiver.wait_for(lambda events: len(events) == 1), "it is told of by the webhook")
    event, = receiver.first_of_each()
    report.equal((event["kind"], event["alert"]["kind"], event["alert"]["text"], event["alert"]["beginTime"], "call" in event),
                 ("CALL_EVENT_KIND_ALERT_BEGAN", "ALERT_KIND_CERTIFICATE_EXPIRES", values["text"], values["since"], False),
                 "the webhook's event")

    system.restart()
    report.case = "after kill -9"
    report.expect(not settled(told, 2, 75), f"it is not told of again: {told()[1:]}")

    report.case = "the end"
    system.certificate(days=365)
    report.expect(settled(told, 2, 200), f"it is told: {told()[1:]}")
    priority, kind, ended = parts(told()[-1].decode())
    report.equal((priority, kind, ended["since"]), (16 * 8 + 5, "alert_ended", values["since"]), "the same one ends")
    report.expect(receiver.wait_for(lambda events: len(events) == 2), "by the webhook, too")
    report.equal([one["kind"] for one in receiver.first_of_each()],
                 ["CALL_EVENT_KIND_ALERT_BEGAN", "CALL_EVENT_KIND_ALERT_ENDED"], "in order")
    report.equal((receiver.forged, plain.packets), (0, []), "who did not ask is told nothing")


def main():
    options = harness.arguments()
    report = harness.Report()
    report.case = "the beginning"
    receiver = Receiver(b"0123456789abcdef0123")
    alarms, plain = DatagramServer(), DatagramServer()
    more = ["syslog:", f"  - {{name: noc, server: \"{alarms.address}\", transport: udp, alerts: true}}",
            f"  - {{name: calls, server: \"{plain.address}\", events: [started, ended]}}"]
    with_alerts = {"crm": (receiver, {"alerts": "true"})}
    # What is configured beside the section `events`.
    web = ["web:", "  cert: {dir}/web.pem", "  key: {dir}/web.key"]
    system = AlertSystem(options.bin, with_alerts, more=[line.replace("{", "{{").replace("}", "}}") for line in more])
    system.certificate(days=5)
    system.after = [line.format(dir=system.dir) for line in web]
    with system:
        check(report, system, alarms, plain, receiver)
    report.finish()


main()
