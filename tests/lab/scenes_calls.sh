# shellcheck shell=bash
# Scenes of what callers do: refuse, forward, transfer, give up. As scenes.sh.

# scene cancel: Alice calls Carol, whose phone rings, and gives up.
cancel_setup() {
  spans a c
  pbx
  phones PCMU a c:manual
}
cancel_play() {
  call a c 103 2 state=unanswered end=cancelled status=487
}

# scene busy: Alice calls Carol, who refuses: 486.
busy_setup() { cancel_setup; }
busy_play() {
  call a c 103 5 1:c:hangup state=unanswered end=refused status=486
}

# scene early-media: Carol's phone is heard before she answers, after 3 s.
early_media_setup() {
  spans a c
  pbx
  phones PCMU a c:early
}
early_media_play() { call a c 103 $((TALK + 3)) 3:c:accept; }

# scene forking: 600 rings at Bob, who answers, and at Carol; she gets a CANCEL.
forking_setup() {
  spans a b c
  pbx
  phones PCMU a b:manual c:manual
}
forking_play() { call a b 600 $((TALK + 1)) 1:b:accept; }

# scene redirect: 300 has moved (302) to Dave.
redirect_setup() {
  spans a d
  pbx
  phones PCMU a d
}
redirect_play() { call a d 300 "$TALK"; }

# scene blind-transfer: Carol sends Alice on to Dave.
blind_transfer_setup() {
  spans a c d
  pbx
  phones PCMU a c d
}
blind_transfer_play() {
  call a c 103 $((2 * TALK)) "$TALK:c:transfer:104" left=a right=c+d ids=2
}

# scene blind-transfer-by-caller: Alice, who called Carol, connects her to Bob.
blind_transfer_by_caller_setup() {
  spans a b c
  pbx
  phones PCMU a b c
}
blind_transfer_by_caller_play() {
  call a c 103 $((2 * TALK)) "$TALK:a:transfer:102" "$((2 * TALK)):c:hangup" \
    left=a+b right=c ids=2
}

# scene attended-transfer: Carol holds Alice, asks Dave, and connects the two; all
# have linphones. While she asks, she is in Alice's place, and Dave's answers are
# masked by what her phone plays to Alice meanwhile.
attended_transfer_setup() {
  spans a c d
  pbx
  phones PCMU a:linphone c:linphone d:linphone
}
attended_transfer_play() {
  call a c 103 18 5:c:hold 5.5:c:dial:104 11:c:attend "left=a+c>d" right=c+d \
    "masked=d>c" ids=3
}

# scene pickup: Alice calls Carol, whose phone rings; Dave takes the call: INVITE
# with Replaces to Alice. Alice and Dave have linphones; hers knows what he
# wants, but must be told to let go of Carol.
pickup_setup() {
  spans a c d
  pbx
  phones PCMU a:linphone c:manual d:linphone
}
pickup_play() {
  call a c 103 $((TALK + 6)) 2:d:pickup:101 2.5:a:terminate:1 5:a:accept:2 right=d ids=2
}
