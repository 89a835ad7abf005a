#!/usr/bin/env bash
# A DagMesh worker in bash: curl, jq and one slot.
#
# A handler is a program in the folder $DAGMESH_HANDLERS. It gets the task's inputs as a JSON object
# on stdin and the rest of its lease in $DAGMESH_CONTEXT. What it writes becomes the task's log, and
# the last line of its stdout what the task returns: JSON, or else text. Exit code 0 is success, 99
# skipped, 98 run it again in as many seconds as the last line says, others failed. A task that
# writes ids of tasks to the file $DAGMESH_BRANCH, one per line, lets only these follow.
set -uo pipefail

here=$(dirname "$(realpath "$0")")
api=${DAGMESH_EXECUTOR_HTTP_URL:-http://127.0.0.1:7104}/dagmesh.worker.v1.WorkerService
handlers=${DAGMESH_HANDLERS:-$here/handlers}
export worker_id=${DAGMESH_WORKER_ID:-bash-$HOSTNAME-$$}
export queues=${DAGMESH_WORKER_QUEUES:-bash}
work=$(mktemp -d) && told=$(mktemp -d) && trap '[ $BASHPID != $$ ] || rm -rf "$work" "$told"' EXIT
export DAGMESH_BRANCH=$told/branch
mkfifo "$work/ended" && exec 9<>"$work/ended" # says when a handler has ended
# Secrets travel in files of a closed folder: arguments stand in process lists, and handlers inherit
# the environment.
echo "authorization: Bearer ${DAGMESH_WORKER_TOKEN:?set it to the token of a worker}" >"$work/bearer"
unset DAGMESH_WORKER_TOKEN
post=(curl --silent --show-error --fail-with-body --max-time 40 --header @"$work/bearer"
  --header 'content-type: application/json' --data-binary @-)
stopping='' waiting='' kill_grace=10
trap 'stopping=1; kill $waiting 2>/dev/null' TERM INT # finish what runs, take nothing new

# call METHOD <request >answer
call() { "${post[@]}" "$api/$1"; }

# as_log STREAM LEVEL <lines
as_log() {
  jq -Rc --unbuffered -f "$here/log_line.jq" --slurpfile lease "$work/lease" \
    --arg stream "$1" --arg level "$2" >>"$work/log"
}

# Sends what the log has grown by. `sent` counts the bytes that the mesh says it has stored.
send_log() {
  while [ "$(stat -c %s "$work/log")" -gt "$sent" ]; do
    tail -c "+$((sent + 1))" "$work/log" | head -c 1000000 | base64 -w0 >"$work/content"
    sent=$(jq --rawfile content "$work/content" --argjson offset "$sent" \
      '{chunk: {attemptToken, offset: $offset, content: $content}}' "$work/lease" |
      call AppendLog | jq -er '.storedSize // "0"') || return
  done
}

# Runs the handler in a process group of its own, which ends with it; its exit code goes to a file.
run_handler() {
  local name limit
  name=$(jq -r .handler "$work/lease")
  limit=$(jq -r '.executionTimeout // "0s"' "$work/lease")
  echo -1 >"$work/code"
  if [[ ! $name =~ ^[A-Za-z0-9_][A-Za-z0-9_.-]*$ || ! -x $handlers/$name ]]; then
    echo "there is no program '$name' in $handlers" | as_log worker error
    return
  fi
  DAGMESH_CONTEXT=$(jq -c 'del(.attemptToken, .inputsJson)' "$work/lease")
  export DAGMESH_CONTEXT
  jq -r '.inputsJson // "{}"' "$work/lease" >"$work/inputs"
  local began=$SECONDS
  {
    {
      setsid --wait bash -c 'echo $$ >"$0"; exec "$@"' "$work/group" \
        timeout --kill-after="$kill_grace" "$limit" "$handlers/$name" \
        <"$work/inputs" 2>&3 3>&- 9>&-
      exit_code $? "$limit" $((SECONDS - began)) >"$work/code"
      end_group KILL
    } 2>"$work/shell" | tee "$work/stdout" | as_log stdout info
  } 3>&1 | as_log stderr error
}

# exit_code CODE LIMIT SECONDS: 124 when the time was over, also for a handler that had to be killed.
exit_code() {
  local limit=${2%s}
  if [ "$1" = 137 ] && [ "$limit" != 0 ] && (($3 >= ${limit%.*})); then echo 124; else echo "$1"; fi
}

# end_group SIGNAL
end_group() { kill "-$1" -- "-$(<"$work/group")"; } 2>/dev/null

# Keeps the attempt alive until its handler has ended, obeys what the mesh says of it, and ends the
# handler when nothing was heard for so long that the attempt may be another worker's by now.
watch() {
  local heard=$SECONDS kill_at='' heartbeat answer
  heartbeat='{workerId: env.worker_id, attemptTokens: [.attemptToken]}'
  while :; do
    if answer=$(jq "$heartbeat" "$work/lease" | call Heartbeat); then
      heard=$SECONDS
      jq -c '.attemptToken = (input.refreshedTokens[0].attemptToken // .attemptToken)' \
        "$work/lease" <(echo "$answer") >"$work/fresh" && mv "$work/fresh" "$work/lease"
      jq -e '.lostAttemptIds[0]' <<<"$answer" >/dev/null && verdict=lost
      if [ -z "$verdict" ] && jq -e '.cancelledAttemptIds[0]' <<<"$answer" >/dev/null; then
        verdict=cancelled kill_at=$((SECONDS + kill_grace))
        end_group TERM
      fi
    fi
    ((SECONDS - heard > silence_max)) && verdict=lost
    if [ "$verdict" = lost ] || ((SECONDS >= ${kill_at:-SECONDS + 1})); then end_group KILL; fi
    send_log
    read -rt "$beat" -u 9 && break
  done
}

# The ids of the tasks that follow, as JSON; null when the handler has said nothing about it.
branch() {
  [ -f "$DAGMESH_BRANCH" ] || { echo null; return; }
  jq -Rsc 'split("\n") | map(select(. != ""))' "$DAGMESH_BRANCH"
}

# Tells the outcome until the mesh has recorded it; a lost attempt is no longer ours to report.
report() {
  [ "$verdict" = lost ] && return
  tail -n 1 "$work/stdout" >"$work/last"
  jq -f "$here/report.jq" --arg verdict "$verdict" --argjson code "$(<"$work/code")" \
    --rawfile last "$work/last" --argjson branch "$(branch)" \
    --argjson log_size "$(stat -c %s "$work/log")" "$work/lease" >"$work/report"
  for _ in {1..60}; do
    call ReportTasks <"$work/report" >/dev/null && break
    sleep 1
  done
}

jq -n '{workerId: env.worker_id, queues: (env.queues / ","), slots: 1, wait: "15s"}
  | .language = "bash"' >"$work/request"
until [ -n "$stopping" ]; do
  "${post[@]}" "$api/AcquireTasks" <"$work/request" >"$work/answer" &
  waiting=$!
  if ! wait "$waiting"; then
    refusal=$(jq -r 'select(.code | IN("unauthenticated", "failed_precondition")) | .message' \
      "$work/answer" 2>/dev/null)
    [ -z "$refusal" ] || { echo "the executor refuses this worker: $refusal" >&2; exit 2; }
    [ -n "$stopping" ] || sleep 1
    continue
  fi
  waiting=''
  jq -ce '.leases[0] // empty' "$work/answer" >"$work/lease" || continue
  read -r beat silence_max < <(jq -r '[.heartbeatInterval, .leaseTtl | rtrimstr("s") | tonumber]
    | "\(.[0]) \(.[1] - .[0] | floor)"' "$work/answer")
  rm -f "$work/group" "$DAGMESH_BRANCH"
  : >"$work/stdout" >"$work/log"
  sent=0 verdict=''
  { run_handler; echo >&9; } &
  watch
  send_log
  report
done
