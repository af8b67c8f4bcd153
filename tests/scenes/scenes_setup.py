"""How calls come about: who rings, who answers, what does not come about."""

from scene import Office, scene
from scenes_basic import proxied
from signalling import sdp


@scene("the PBX rings two phones at once; the second answers, the first is cancelled")
def forking(s):
    o = Office(s)
    o.tap("s1")
    call = s.call("101", "600")
    port, port_c = o.a.port(), o.c.port()
    first = call.dialog([o.a, o.pbx, o.b], "101", "600")
    second = call.dialog([o.a, o.pbx, o.c], "101", "600", share=first)
    first.invite(0.5, sdp(o.a.ip, port))
    second.invite(0.502, sdp(o.a.ip, port), start=1)
    first.invitation.reply(0.55, 180)
    second.invitation.start = 0
    second.invitation.reply(0.56, 180)
    second.invitation.reply(1.5, 200, body=sdp(o.c.ip, port_c))
    second.ack(1.52)
    first.cancel(1.503, start=1)
    call.talk(1.53, 5, o.a, port, o.c, port_c)
    second.bye(6.7)


@scene("183 with SDP: an announcement from the carrier before the answer")
def early_media(s):
    o = Office(s)
    o.tap("s1", ports={o.trunk}, direction="both")
    call = s.call("101", "9001")
    dialog = call.dialog([o.a, o.pbx, o.trunk], "101", "9001")
    port, far = o.a.port(), o.trunk.port()
    dialog.invite(0.5, sdp(o.a.ip, port))
    dialog.invitation.reply(0.6, 183, body=sdp(o.trunk.ip, far))
    back = call.stream(o.trunk, far, (o.a.ip, port), call.voice_of(o.trunk), "CALLEE")
    back.talk(0.62, 2.4)
    dialog.invitation.reply(3.0, 200, body=sdp(o.trunk.ip, far))
    dialog.ack(3.02)
    call.stream(o.a, port, (o.trunk.ip, far), call.voice_of(o.a), "CALLER").talk(3.03, 4)
    back.talk(3.02, 4)
    dialog.bye(7.2)


@scene("late offer: SDP only in the 200 and the ACK")
def late_offer(s):
    o = Office(s)
    o.tap("s1")
    call = s.call("101", "103")
    dialog = call.dialog([o.a, o.pbx, o.c], "101", "103")
    port, far = o.a.port(), o.c.port()
    dialog.invite(0.5, None)
    dialog.invitation.reply(0.55, 180)
    dialog.invitation.reply(1.0, 200, body=sdp(o.c.ip, far))
    dialog.ack(1.02, body=sdp(o.a.ip, port))
    call.talk(1.05, 5, o.a, port, o.c, far)
    dialog.bye(6.3)


@scene("the caller gives up")
def cancelled(s):
    o = Office(s)
    o.tap("s1")
    call = s.call("101", "102", state="UNANSWERED", end="CANCELLED", status=487)
    dialog = call.dialog([o.a, o.pbx, o.b], "101", "102")
    dialog.invite(0.5, sdp(o.a.ip, o.a.port()))
    dialog.invitation.reply(0.55, 180)
    dialog.cancel(4.0)


@scene("the callee is busy")
def busy(s):
    o = Office(s)
    o.tap("s1")
    call = s.call("101", "102", state="UNANSWERED", end="REFUSED", status=486)
    dialog = call.dialog([o.a, o.pbx, o.b], "101", "102")
    dialog.invite(0.5, sdp(o.a.ip, o.a.port()))
    dialog.refuse(0.6, 486)


@scene("the callee is busy, so the PBX sends the call on to the voicemail server")
def voicemail(s):
    o = Office(s)
    server = o.net.host("vm", "10.10.0.20", "sw1")
    o.tap("s1")
    call = s.call("101", "102")
    port, far = o.a.port(), server.port()
    first = call.dialog([o.a, o.pbx, o.b], "101", "102")
    second = call.dialog([o.a, o.pbx, server], "101", "102", share=first)
    first.invite(0.5, sdp(o.a.ip, port))
    first.refuse(0.6, 486, start=1)
    second.invite(0.62, sdp(o.a.ip, port), start=1)
    second.invitation.start = 0
    second.invitation.reply(0.7, 200, body=sdp(server.ip, far))
    second.ack(0.72)
    call.talk(0.75, 5, o.a, port, server, far)
    second.bye(6)


@scene("302: the caller's phone tries again elsewhere, in the same dialog (RFC 3261, 8.1.3.4)")
def redirected(s):
    o = Office(s)
    o.tap("s1")
    call = s.call("101", "102")
    port, far = o.a.port(), o.c.port()
    first = call.dialog([o.a, o.pbx, o.b], "101", "102")
    second = call.dialog([o.a, o.pbx, o.c], "101", "102", share=first)
    first.invite(0.5, sdp(o.a.ip, port))
    first.refuse(0.6, 302, headers=[f"Contact: <sip:103@{o.c.ip}>"])
    second.cseq[0] = first.cseq[0]
    answered = second.ring(0.7, sdp(o.a.ip, port), answer=sdp(o.c.ip, far))
    call.talk(answered + 0.03, 5, o.a, port, o.c, far)
    second.bye(answered + 5.2)


@scene("302: the caller's phone makes a new call of it, and says where it comes from")
def redirected_anew(s):
    o = Office(s)
    o.tap("s1")
    call = s.call("101", "102")
    port, far = o.a.port(), o.c.port()
    first = call.dialog([o.a, o.pbx, o.b], "101", "102")
    first.invite(0.5, sdp(o.a.ip, port))
    first.refuse(0.6, 302, headers=[f"Contact: <sip:103@{o.pbx.ip}>"])
    second = call.dialog([o.a, o.pbx, o.c], "101", "103", headers=[
        f"Diversion: <sip:102@{o.pbx.ip}>;reason=unconditional",
        f"History-Info: <sip:102@{o.pbx.ip}?Reason=SIP%3Bcause%3D302>;index=1,"
        f" <sip:103@{o.pbx.ip}>;index=1.1"])
    answered = second.ring(0.7, sdp(o.a.ip, port), answer=sdp(o.c.ip, far))
    call.talk(answered + 0.03, 5, o.a, port, o.c, far)
    second.bye(answered + 5.2)


@scene("the PBX wants credentials for the INVITE (407), and for the BYE (401)")
def challenged(s):
    o = Office(s)
    o.tap("s1")
    call = s.call("101", "102")
    dialog = call.dialog([o.a, o.pbx, o.b], "101", "102")
    port, far = o.a.port(), o.b.port()
    dialog.invite(0.5, sdp(o.a.ip, port), stop=1)
    dialog.refuse(0.503, 407, stop=1, tag="challenge",
                  headers=['Proxy-Authenticate: Digest realm="pbx", nonce="1"'])
    answered = dialog.ring(0.55, sdp(o.a.ip, port), answer=sdp(o.b.ip, far))
    call.talk(answered + 0.03, 5, o.a, port, o.b, far)
    dialog.request(answered + 5.1, "BYE", stop=1).reply(
        answered + 5.11, 401, headers=['WWW-Authenticate: Digest realm="pbx", nonce="2"'])
    dialog.bye(answered + 5.2)


@scene("the callee speaks before its 200 is seen, at a sensor that sees no signalling")
def media_before_sdp(s):
    o = Office(s)
    o.tap("s1", ports={o.pbx}, direction="both")
    o.tap("s2", "sw2", kinds=("rtp",))
    call = s.call("101", "103")
    dialog = call.dialog([o.a, o.pbx, o.c], "101", "103")
    port, far = o.a.port(), o.c.port()
    call.talk(0.7, 6, o.a, port, o.c, far)
    answered = dialog.ring(0.5, sdp(o.a.ip, port), wait=0.8, answer=sdp(o.c.ip, far))
    dialog.bye(answered + 5.6)


@scene("answered, but no phone's port is mirrored: media never seen")
def signalling_only(s):
    o = Office(s)
    o.tap("s1", ports={o.pbx}, direction="both")
    proxied(s, o.a, o.b, [o.pbx], talk=12, flags=["NO_MEDIA"])


@scene("RTP of two phones, and no signalling at all")
def media_only(s):
    o = Office(s)
    o.tap("s1", kinds=("rtp",))
    proxied(s, o.a, o.b, [o.pbx], state="COMPLETED", end="CAPTURE_ENDED", status=0,
            flags=["NO_SIGNALLING"]).parties(o.a.ip, o.b.ip)
