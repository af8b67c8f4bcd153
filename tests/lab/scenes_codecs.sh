# shellcheck shell=bash
# Scenes of what phones speak: each as two-switches, but for the codec, or the
# encryption. Sourced by scenes.sh.

# scene opus: Opus, 48 kHz.
opus_setup() {
  spans a c
  pbx
  phones opus a c
}
opus_play() { call a c 103 "$TALK"; }

# scene gsm: GSM full rate.
gsm_setup() {
  spans a c
  pbx
  phones GSM a c
}
gsm_play() { call a c 103 "$TALK"; }

# scene g726: G.726 at 32 kbit/s.
g726_setup() {
  spans a c
  pbx
  phones G726-32 a c
}
g726_play() { call a c 103 "$TALK"; }

# scene g729: G.729 of linphones; the collector has the plug-in.
g729_setup() {
  local plugins=${BIN:-}/../codecs
  [[ -z ${BIN:-} || -e $plugins/g729.so ]] ||
    skip "no $plugins/g729.so; install libbcg729-dev and build again"
  SCENE_COLLECTOR="codec_plugins: $plugins"
  spans a c
  pbx
  phones G729 a:linphone c:linphone
}
g729_play() { call a c 103 "$TALK"; }

# scene sdes: SRTP in G.711, with the keys in SDP.
sdes_setup() {
  spans a c
  pbx
  MEDIA_ENCRYPTION=srtp-mand phones PCMU a c
}
sdes_play() { call a c 103 "$TALK"; }

# scene dtls-srtp: SRTP whose keys are agreed on by DTLS, and logged by nobody:
# one call, labelled, and no noise.
dtls_srtp_setup() {
  spans a c
  pbx
  MEDIA_ENCRYPTION=dtls_srtp phones PCMU a c
}
dtls_srtp_play() { call a c 103 "$TALK" flags=encrypted heard=nobody; }
