# shellcheck shell=bash
# Sets scenes up, plays and captures them. Sourced after site.sh.

# Seconds of talk in a call.
TALK=${TALK:-6}

# What a scene's setup may change. s1 and s2 are always there.
SCENE_SENSORS=(s1 s2)
# Captures and sensors start when the play says `watch`, not before it.
SCENE_WATCHES_LATE=false
# Who has another phone than baresip, and which.
declare -A PHONE=()
# Lines of YAML for the collector.
SCENE_COLLECTOR=

# Everything that a scene needs of the machine.
require_lab() {
  require_commands ip:iproute2 tc:iproute2 ss:iproute2 ethtool:ethtool \
    kamailio:kamailio rtpengine:rtpengine-daemon baresip:baresip-core \
    espeak-ng:espeak-ng sox:sox tcpdump:tcpdump python3:python3 \
    unshare:util-linux chrt:util-linux flock:util-linux sysctl:procps
  require_kernel
}

list_scenes() { sed -nE 's/^# scene ([a-z0-9-]+): .*/\1/p' "$LAB_DIR"/scenes*.sh; }

# phones CODEC PERSON[:MODE[:CODEC]]...: starts the phones. MODE says how they
# answer (see phone), or that it is a linphone; a codec of its own goes before
# that of all.
phones() {
  local words phone
  SCENE_CODEC=$1
  shift
  SCENE_PARTIES=("${@%%:*}")
  for phone in "$@"; do
    IFS=: read -ra words <<<"$phone"
    if [[ ${words[1]:-} == linphone ]]; then
      PHONE[${words[0]}]=linphone
      linphone "${words[0]}" "${words[2]:-$SCENE_CODEC}"
    else
      phone "${words[0]}" "${words[2]:-$SCENE_CODEC}" "${words[1]:-auto}"
    fi
  done
  for phone in "${SCENE_PARTIES[@]}"; do
    [[ $phone == ext ]] || wait_for 30 "registration of $phone" registered "$phone"
  done
}

registered() {
  [[ ${PHONE[$1]:-} != linphone ]] ||
    echo 'status register' >"$LAB_STATE/phone-$1/commands"
  grep -qE '200 OK|registered, identity' "$LAB_STATE/log/phone-$1"
}

# spans PERSON...: their ports are mirrored both ways, each by its own switch.
spans() {
  local who
  for who in "$@"; do mirror "${SWITCH[$who]}" "p-$who" both; done
}

# call CALLER CALLEE NUMBER SECONDS [AT:PARTY:ACTION...] [NAME=VALUE...]; see
# conduct.py for what happens, scene_call.py for what must come of it.
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
      printf '%s"%s": {"name": "%s", "number": "%s", "address": "%s", "wav": "%s", "phone": "%s", "sensor": "%s"}' \
        "$separator" "$who" "${PERSON[$who]}" "${NUMBER[$who]}" \
        "${ADDRESS[$who]}" "$who.wav" "${PHONE[$who]:-baresip}" "${SWITCH[$who]/sw/s}"
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
  SCENE_OUT=$2
  SCENE_TRUTH=$2/truth.json
  site
  "${scene//-/_}_setup"
  begin_truth "$scene" "$2"
}

# Captures as a sensor would see it, with nanoseconds: sw1.pcap for s1 and so on.
start_captures() {
  local sensor
  for sensor in "${SCENE_SENSORS[@]}"; do
    start "tcpdump-$sensor" "$sensor" tcpdump -i span0 -s 0 -n -Z root -B 16384 \
      -U --immediate-mode --time-stamp-precision=nano -w "$SCENE_OUT/sw${sensor#s}.pcap"
  done
  for sensor in "${SCENE_SENSORS[@]}"; do
    wait_for 30 "capture of $sensor" \
      grep -q 'listening on' "$LAB_STATE/log/tcpdump-$sensor"
  done
}

stop_captures() {
  local sensor
  sleep 1.5  # What is still under way: the last RTCP, tcpdump's buffer.
  for sensor in "${SCENE_SENSORS[@]}"; do
    stop "tcpdump-$sensor" INT
    sed "s/^/$sensor: /" "$LAB_STATE/log/tcpdump-$sensor" | grep dropped
  done
}

# watch: what looks at the SPAN ports starts. live-scene adds its sensors.
watch() { start_captures; }

# play_scene NAME: what set_scene set.
play_scene() {
  $SCENE_WATCHES_LATE || watch
  "${1//-/_}_play"
  stop_captures
}
