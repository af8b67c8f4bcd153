"""SIP between the hosts of a scene: dialogs over one or more hops, and their SDP.

A Dialog has a path of hosts, the caller first; each message goes from one end
of it to the other (or to where `stop` says), with a Via for every hop, so that
it looks as it does behind real proxies.
"""

PORT = 5060
HOP = 0.001  # A proxy's time for a message.
CODECS = {"PCMU": (0, "PCMU/8000"), "PCMA": (8, "PCMA/8000"), "G722": (9, "G722/8000"),
          "DTMF": (101, "telephone-event/8000")}
REASONS = {100: "Trying", 180: "Ringing", 183: "Session Progress", 200: "OK", 202: "Accepted",
           302: "Moved Temporarily", 401: "Unauthorized", 407: "Proxy Authentication Required",
           481: "No Such Call", 486: "Busy Here", 487: "Request Terminated", 603: "Decline"}


def sdp(ip, port, codecs=("PCMU", "DTMF"), direction=None, version=1, types=None):
    """`types` gives codecs other payload types: {"DTMF": 98}."""
    lines = []
    numbers = []
    for name in codecs:
        number, encoding = CODECS[name]
        number = (types or {}).get(name, number)
        numbers.append(str(number))
        lines.append(f"a=rtpmap:{number} {encoding}")
    body = ["v=0", f"o=- 4711 {version} IN IP4 {ip}", "s=-", f"c=IN IP4 {ip}", "t=0 0",
            f"m=audio {port} RTP/AVP {' '.join(numbers)}", *lines, "a=ptime:20"]
    if direction:
        body.append(f"a={direction}")
    return "".join(line + "\r\n" for line in body)


class LegLabel:
    """What taps note of the messages between two hosts."""
    kind = "sip"

    def __init__(self, leg, number):
        self.leg, self.number = leg, number

    def seen(self, tap, packet, copies):
        self.leg.messages.setdefault(tap.point, set()).add(self.number)
        ends = [f"{ip}:{port}" for ip, port in (packet.source, packet.destination)]
        if packet.source[0] not in self.leg.source_ips:
            ends.reverse()
        self.leg.seen_as.add(tuple(ends))


def on_link(body, here, there):
    """SDP is one text, or a list with one for each link of the path where a host on the
    way rewrites it."""
    return body[min(here, there)] if isinstance(body, list) else body


def contact(host, headers):
    """With the usual Contact, unless there is one."""
    if any(header.startswith("Contact:") for header in headers):
        return headers
    return [f"Contact: <sip:{host.name}@{host.ip}:{PORT}>", *headers]


class Leg:
    """A dialog between two neighbouring hosts of its path."""

    def __init__(self, call_id, source, destination):
        self.call_id, self.source, self.destination = call_id, source, destination
        self.messages = {}  # capture point -> numbers of messages
        self.seen_as = set()  # (source, destination), as taps saw it
        self.sent = 0
        self.source_ips = {source.ip}
        if source.behind:
            self.source_ips.add(source.behind.outside.ip)

    def label(self):
        self.sent += 1
        return LegLabel(self, self.sent)


class Transaction:
    """A request and its responses. `start`, `stop`: the part of the path it takes."""

    def __init__(self, dialog, method, sender, cseq, start, stop):
        self.dialog, self.method, self.sender, self.cseq = dialog, method, sender, cseq
        self.start, self.stop = start, stop
        self.branches = {}  # index of the sending host on the path -> branch
        self.success = False

    def hosts(self):
        """Indices on the path, from the one that asks."""
        hosts = list(range(self.start, self.stop + 1))
        return hosts[::-1] if self.sender else hosts

    def vias(self, index):
        """What the host `index` of the path sends on: its own branch first."""
        passed = [i for i in self.branches if (i >= index if self.sender else i <= index)]
        return [(self.dialog.path[i].ip, self.branches[i])
                for i in sorted(passed, reverse=not self.sender)]

    def reply(self, t, status, body=None, stop=None, headers=(), tag=None):
        """From the far end (or from host `stop` of the path) back to the sender."""
        hosts = self.hosts()
        if stop is not None:
            hosts = hosts[:hosts.index(stop) + 1]
        if self.method == "INVITE" and 200 <= status < 300:
            self.success = self.dialog.answered = True
        for there, here in reversed(list(zip(hosts, hosts[1:]))):
            text = self.dialog.response_text(self, self.vias(there), status,
                                             on_link(body, here, there), headers, tag)
            t = self.dialog.emit(t, here, there, text) + HOP
        return t


class Dialog:
    """`number` and `dialled` are the users of From and To; `share` is a dialog of
    which this one is another fork: same Call-ID and tag, other path."""

    def __init__(self, scene, path, number, dialled, share=None, call_id=None, from_tag=None,
                 headers=(), display=None):
        self.scene, self.path, self.share, self.headers = scene, path, share, tuple(headers)
        domain = path[1].ip
        self.call_id = share.call_id if share else call_id or scene.token("cid", 16)
        self.from_tag = share.from_tag if share else from_tag or scene.token("ft", 8)
        self.to_tag = scene.token("tt", 8)
        name = f'"{display}" ' if display else ""
        self.ends = [f"{name}<sip:{number}@{domain}>", f"<sip:{dialled}@{domain}>"]
        self.users = [number, dialled]
        self.cseq = [101, 1]
        self.answered = False
        self.legs = [self._leg(i) for i in range(len(path) - 1)]

    def _leg(self, i):
        if self.share and self.share.path[:2 + i] == self.path[:2 + i]:
            return self.share.legs[i]
        return self.scene.leg(Leg(self.call_id, self.path[i], self.path[i + 1]))

    def request(self, t, method, sender=0, body=None, headers=(), start=0, stop=None, of=None):
        """`sender` 0: the caller's end. `start`, `stop`: the part of the path that the
        message takes. `of`: the INVITE that a CANCEL or an ACK goes with."""
        if of is None:
            self.cseq[sender] += 1
        transaction = Transaction(self, method, sender, of.cseq if of else self.cseq[sender], start,
                                  len(self.path) - 1 if stop is None else stop)
        if self.share and start and method == "INVITE":
            transaction.branches = {i: self.share.invitation.branches[i] for i in range(start)}
        to_tag = method not in ("INVITE", "CANCEL") or (method == "INVITE" and self.answered)
        hop_by_hop = of is not None and not of.success
        hosts = transaction.hosts()
        for here, there in zip(hosts, hosts[1:]):
            transaction.branches[here] = (of.branches[here] if hop_by_hop
                                          else self.scene.token("z9hG4bK", 10))
            text = self.request_text(transaction, transaction.vias(here), to_tag,
                                     on_link(body, here, there), headers)
            t = self.emit(t, here, there, text) + HOP
        return transaction

    def _identity(self, transaction, to_tagged, tag=None):
        near, far = self.ends if not transaction.sender else reversed(self.ends)
        tags = [self.from_tag, tag or self.to_tag]
        if transaction.sender:
            tags.reverse()
        return [f"From: {near};tag={tags[0]}",
                f"To: {far}" + (f";tag={tags[1]}" if to_tagged else ""),
                f"Call-ID: {self.call_id}"]

    def request_text(self, transaction, vias, to_tagged, body, headers):
        method = transaction.method
        sender, target = self.path[0], self.path[-1]
        if transaction.sender:
            sender, target = target, sender
        lines = [f"{method} sip:{self.users[1 - transaction.sender]}@{target.ip} SIP/2.0",
                 *(f"Via: SIP/2.0/UDP {ip}:{PORT};branch={branch}" for ip, branch in vias),
                 f"Max-Forwards: {71 - len(vias)}", *self._identity(transaction, to_tagged),
                 f"CSeq: {transaction.cseq} {method}",
                 *(self.headers if method == "INVITE" else ()), *contact(sender, headers)]
        return self._finish(lines, body)

    def response_text(self, transaction, vias, status, body, headers, tag):
        answers = self.path[-1] if not transaction.sender else self.path[0]
        lines = [f"SIP/2.0 {status} {REASONS[status]}",
                 *(f"Via: SIP/2.0/UDP {ip}:{PORT};branch={branch}" for ip, branch in vias),
                 *self._identity(transaction, status != 100, tag),
                 f"CSeq: {transaction.cseq} {transaction.method}",
                 *contact(answers, headers)]
        return self._finish(lines, body)

    def _finish(self, lines, body):
        if body:
            lines.append("Content-Type: application/sdp")
        lines.append(f"Content-Length: {len(body or '')}")
        return ("\r\n".join(lines) + "\r\n\r\n" + (body or "")).encode()

    def emit(self, t, here, there, text):
        near, far = self.path[here], self.path[there]
        leg = self.legs[min(here, there)]
        destination = (far.ip, PORT)
        if far.behind and far.behind is not near.behind:  # Known by its REGISTER.
            destination = far.behind.open(far, PORT)
        return self.scene.net.send(t, near, PORT, destination, text, leg.label())

    # What is needed again and again.

    def invite(self, t, offer, **options):
        self.invitation = self.request(t, "INVITE", body=offer, **options)
        return self.invitation

    def ring(self, t, offer, wait=0.4, answer=None, status=180, early=None):
        """INVITE, 100, 180 and, after `wait`, 200 and ACK. Returns when it was answered."""
        self.invite(t, offer)
        if len(self.path) > 2:
            self.invitation.reply(t + 0.001, 100, stop=1)
        self.invitation.reply(t + 0.05, status, body=early)
        self.invitation.reply(t + wait, 200, body=answer)
        self.ack(t + wait + 0.02)
        return t + wait

    def ack(self, t, body=None, of=None):
        of = of or self.invitation
        if of.success:
            self.request(t, "ACK", sender=of.sender, body=body, of=of)
            return
        for i in range(of.start, of.stop):  # Hop by hop; here one after the other.
            self.request(t + i * HOP, "ACK", of=of, start=i, stop=i + 1)

    def bye(self, t, sender=0):
        self.request(t, "BYE", sender=sender).reply(t + 0.01, 200)
        return t

    def cancel(self, t, start=0):
        """By the host `start` of the path, and so on hop by hop; the INVITE ends with 487."""
        of = self.invitation
        for i in range(start, of.stop):
            self.request(t + i * HOP, "CANCEL", of=of, start=i, stop=i + 1).reply(
                t + i * HOP + 0.001, 200)
        self.refuse(t + 0.02, 487, start)

    def refuse(self, t, status, start=0, **options):
        """From the far end back to the host `start` only; a proxy keeps it from those before."""
        kept, self.invitation.start = self.invitation.start, start
        self.invitation.reply(t, status, **options)
        self.ack(t + 0.01)
        self.invitation.start = kept

    def reinvite(self, t, offer, answer, sender=0):
        transaction = self.request(t, "INVITE", sender=sender, body=offer)
        transaction.reply(t + 0.02, 200, body=answer)
        self.ack(t + 0.03, of=transaction)
