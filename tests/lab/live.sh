# shellcheck shell=bash
# Runs the programs under test in the lab: a collector in the node col, sensors
# on span0 of theirs. Sourced after network.sh; BIN is the folder of the programs.

readonly COLLECTOR=10.10.9.1:7070

require_programs() {
  local program
  for program in callbraid-collector callbraid-sensor callbraid; do
    [[ -x $BIN/$program ]] || skip "no $BIN/$program; build it, or name its folder with --bin"
  done
}

# callbraid ARGUMENTS...: the CLI.
callbraid() { ns col "$BIN/callbraid" --collector "$COLLECTOR" --insecure "$@"; }

# collector DIR
collector() {
  echo "${SCENE_COLLECTOR:-}" >"$1/collector.yaml"
  start collector col "$BIN/callbraid-collector" --data "$1/data" \
    --listen "$COLLECTOR" --insecure --config "$1/collector.yaml"
  wait_for 60 'the collector' callbraid sensors list
}

# sensors DIR ID...: each captures span0 of the node of its name.
sensors() {
  local dir=$1 sensor
  shift
  for sensor in "$@"; do
    # The phones have real-time priority; what watches them must not starve.
    start "sensor-$sensor" "$sensor" nice -n -15 \
      "$BIN/callbraid-sensor" --id "$sensor" --site lab --interface span0 \
      --spool "$dir/spool-$sensor" --collector "$COLLECTOR" --insecure
  done
  for sensor in "$@"; do
    wait_for 60 "sensor $sensor" sensor_reports "$sensor"
  done
}

# True once the collector has a report of the sensor's capture point.
sensor_reports() {
  callbraid sensors list --json | grep "\"id\":\"$1\"" | grep -q '"report":'
}

ended_calls() {
  callbraid calls list --limit 0 --state completed,unanswered --json | wc -l
}

# wait_for_calls N SECONDS: until N calls are over, or the time is.
wait_for_calls() {
  local deadline=$((SECONDS + $2))
  until [[ $(ended_calls) -ge $1 || $SECONDS -ge $deadline ]]; do sleep 0.5; done
}

# stop_sensors ID...: they deliver what they have, with their last counts, so that
# nothing can come any more; the collector then has a moment to think.
stop_sensors() {
  local sensor
  for sensor in "$@"; do stop "sensor-$sensor" TERM; done
  sleep 2
}

# What the live tests print of programs that failed.
show_logs() {
  local log
  for log in "$LAB_STATE"/log/{collector,sensor-*}; do
    [[ ! -s $log ]] || { echo "== $(basename "$log")"; tail -n 20 "$log"; }
  done
}
