# shellcheck shell=bash
# Sets scenes up, plays and captures them. Sourced after site.sh.

# Seconds of talk in each call.
TALK=${TALK:-8}

# Everything that a scene needs of the machine.
require_lab() {
  require_commands ip:iproute2 tc:iproute2 ss:iproute2 ethtool:ethtool \
    kamailio:kamailio rtpengine:rtpengine-daemon baresip:baresip-core \
    espeak-ng:espeak-ng sox:sox tcpdump:tcpdump python3:python3 \
    unshare:util-linux chrt:util-linux flock:util-linux sysctl:procps
  require_kernel
}

list_scenes() { sed -nE 's/^# scene ([a-z-]+): .*/\1/p' "$LAB_DIR/scenes.sh"; }

# Starts the named phones, one codec for all.
phones() {
  local codec=$1 who
  shift
  SCENE_CODEC=$codec
  SCENE_PARTIES=("$@")
  for who in "$@"; do phone "$who" "$codec"; done
}

# call CALLER CALLEE NUMBER SECONDS [AT:PARTY:ACTION...]; see conduct.py.
call() {
  python3 "$LAB_DIR/conduct.py" "$SCENE_TRUTH" "$@" 9>&-
  sleep 1
}

# Begins truth.json: the parties and which WAV each one speaks.
begin_truth() {
  local scene=$1 out=$2 who separator=''
  {
    printf '{"scene": "%s", "codec": "%s", "calls": [], "parties": {' \
      "$scene" "$SCENE_CODEC"
    for who in "${SCENE_PARTIES[@]}"; do
      cp "$LAB_STATE/audio/${who}_8000.wav" "$out/$who.wav"
      printf '%s"%s": {"name": "%s", "number": "%s", "address": "%s", "wav": "%s"}' \
        "$separator" "$who" "${PERSON[$who]}" "${NUMBER[$who]}" \
        "${ADDRESS[$who]}" "$who.wav"
      separator=', '
    done
    echo '}}'
  } >"$out/truth.json"
}

# set_scene NAME OUTDIR: the site with everything that the scene needs, running.
set_scene() {
  local scene=$1
  list_scenes | grep -qx -- "$scene" || fail "no scene called '$scene'"
  mkdir -p "$2"
  SCENE_TRUTH=$2/truth.json
  site
  "${scene//-/_}_setup"
  begin_truth "$scene" "$2"
}

# Captures as a sensor would see it, with nanoseconds.
start_captures() {
  local n
  for n in 1 2; do
    start "tcpdump-$n" "s$n" tcpdump -i span0 -s 0 -n -Z root -B 16384 \
      --immediate-mode --time-stamp-precision=nano -w "$1/sw$n.pcap"
    wait_for 30 "capture on sw$n" grep -q 'listening on' "$LAB_STATE/log/tcpdump-$n"
  done
}

stop_captures() {
  local n
  sleep 1.5  # What is still under way: the last RTCP, tcpdump's buffer.
  for n in 1 2; do
    stop "tcpdump-$n" INT
    sed "s/^/sw$n: /" "$LAB_STATE/log/tcpdump-$n" | grep dropped
  done
}

play_scene() {
  local scene=$1 out=$2
  set_scene "$scene" "$out"
  start_captures "$out"
  "${scene//-/_}_play"
  stop_captures
  echo "wrote sw1.pcap, sw2.pcap and truth.json to $out"
}
