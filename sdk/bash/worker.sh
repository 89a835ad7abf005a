#!/usr/bin/env bash
# A DagMesh worker in bash: curl, jq and one slot. A handler is a program in the folder $DAGMESH_HANDLERS; it gets the task's
# inputs as a JSON object on stdin, and the last line it prints is what the task returns (JSON, or else text). Exit code 0 is
# success, 99 is skipped, anything else failed. Every other line it writes goes to the task's log.
set -uo pipefail

api=${DAGMESH_EXECUTOR_HTTP_URL:-http://127.0.0.1:7104}/dagmesh.worker.v1.WorkerService
handlers=${DAGMESH_HANDLERS:-$(dirname "$(realpath "$0")")/handlers}
queues=${DAGMESH_WORKER_QUEUES:-bash}
export worker_id=${DAGMESH_WORKER_ID:-bash-$HOSTNAME-$$}
bearer=${DAGMESH_WORKER_TOKEN:?set DAGMESH_WORKER_TOKEN to the token of a worker}
unset DAGMESH_WORKER_TOKEN # handlers must not see it, and process lists neither: secrets travel in files below
work=$(mktemp -d) && trap 'rm -rf "$work"' EXIT

# call METHOD <request >answer
call() {
  curl --silent --show-error --fail-with-body --max-time 40 --header 'content-type: application/json' \
    --header @<(echo "authorization: Bearer $bearer") --data-binary @- "$api/$1" 2>>"$work/errors"
}

# as_lines STREAM LEVEL <text >>log: each line becomes one JSON object.
as_lines() { jq -Rc --unbuffered --arg stream "$1" --arg level "$2" \
  '{time: (now | todate), level: $level, stream: $stream, message: .}' >>"$work/log"; }

# Runs the handler of $work/lease in a process group of its own; its exit code is the answer.
run_handler() {
  local name limit
  name=$(jq -r .handler "$work/lease") limit=$(jq -r '.executionTimeout // "0s"' "$work/lease")
  [[ $name =~ ^[A-Za-z0-9_][A-Za-z0-9_.-]*$ && -x $handlers/$name ]] ||
    { echo "there is no program $name in $handlers" | as_lines worker error; return 127; }
  # shellcheck disable=SC2016
  { { jq -r '.inputsJson // "{}"' "$work/lease" | group=$work/group setsid --wait sh -c 'echo $$ >"$group"; exec "$@"' - \
    timeout --kill-after=10 "$limit" "$handlers/$name" 2>&3 3>&-; code=${PIPESTATUS[1]}; end_handler KILL; exit "$code"; } |
    tee "$work/stdout" | as_lines stdout info; exit "${PIPESTATUS[0]}"; } 3>&1 | as_lines stderr error
  return "${PIPESTATUS[0]}"
}

# end_handler SIGNAL: also what it left behind.
end_handler() { kill "-$1" -- "-$(<"$work/group")" 2>/dev/null; }

# Sends what the log has grown by; `sent` is what the mesh has stored.
send_log() {
  while [ "$(stat -c %s "$work/log")" -gt "$sent" ]; do
    sent=$(jq --rawfile content <(tail -c "+$((sent + 1))" "$work/log" | head -c 1000000 | base64 -w0) \
      '{chunk: {attemptToken, offset: $offset, content: $content}}' --argjson offset "$sent" "$work/lease" |
      call AppendLog | jq -er '.storedSize // "0"') || return
  done
}

# Keeps the attempt alive until its handler ends: sends heartbeats and log, obeys cancels, and ends the handler by itself when
# nothing was heard for so long that the mesh may have given the attempt to others.
watch_over() {
  local heard=$SECONDS answer
  while kill -0 "$1" 2>/dev/null; do
    if answer=$(jq '{workerId: env.worker_id, attemptTokens: [.attemptToken]}' "$work/lease" | call Heartbeat); then
      heard=$SECONDS
      jq --argjson answer "$answer" '.attemptToken = ($answer.refreshedTokens[0].attemptToken // .attemptToken)' \
        "$work/lease" >"$work/fresh" && mv "$work/fresh" "$work/lease"
      if jq -e '.lostAttemptIds // [] | any' <<<"$answer" >/dev/null; then verdict=lost && end_handler KILL; fi
      if jq -e '.cancelledAttemptIds // [] | any' <<<"$answer" >/dev/null; then
        verdict=cancelled && end_handler TERM && (sleep 10; end_handler KILL) &
        verdict=cancelled
      fi
    elif ((SECONDS - heard >= ttl - beat)); then verdict=lost && end_handler KILL; fi
    send_log
    sleep "$beat" & wait -n "$1" $!
  done
}
