# shellcheck shell=bash
# shellcheck disable=SC2016 # what a container's shell expands
# `codetainer status`: its screen, its exit codes, --json held to its schema, and --watch on terminals of
# several sizes, where a tmux of our own plays the terminal. What the figures are of, the report's tests say.
echo '-- status'
seen() { docker exec "$label-status-$1" status "${@:2}"; }
report() { docker exec "$label-status-$1" codetainer status --json; }
settled() { docker exec "$label-status-$1" test -e /run/codetainer/ready; }

cage --detach --name $label-status-locked --memory 400m --pids-limit 300 \
    --env CODETAINER_LOG_LEVEL=debug >/dev/null
within 20 settled locked
docker run --detach --name $label-status-beside --label $label \
    --network "container:$label-status-locked" --user 1000:1000 --entrypoint sleep $label-world infinity >/dev/null
look_up() { docker exec $label-status-beside dig +tries=1 +time=2 +short "$@"; }

# The screen.
check "status exits 0 when LOCKED" says '^LOCKED$' seen locked
for _ in 1 2 3; do look_up denied.test >/dev/null; done
look_up '\027[31mred.test' >/dev/null
look_up allowed.test >/dev/null
docker exec $label-status-beside bash -c "$attempt ${v4}66 4711" >/dev/null 2>&1
check "it shows what is open, by name" within 5 says '^  open +allowed\.test +tcp/443 +[^ ].* s left$' seen locked
check "and what was denied, with the line that would open it" \
    says '^  denied +[0-9]+ times +allow with: denied\.test$' seen locked
check "a connection, too" within 5 says "^  refused .*allow with: ${v4//./\\.}66:4711 " seen locked
bytes() { seen locked | od -An -c | tr -d ' \n'; }
escape_free() { says red.test bytes && ! bytes | grep -F 033; }
check "no octet of a denied name reaches the terminal raw" escape_free
check "nothing is cut in a pipe" says '^  writable-paths +on +nosuid.*/tmp$' seen locked
check "nor coloured" fails 1 '' grep -c $'\033' <(seen locked)
on_terminal() { status/on-terminal "$@"; }
check "a terminal has colours" says $'\033\\[1;32mLOCKED\033\\[0m' \
    on_terminal 80 50 5 "$docker" exec -t $label-status-locked status
plain() { ! on_terminal 80 50 5 "$docker" exec -t --env NO_COLOR=1 $label-status-locked status | grep $'\033'; }
check "unless NO_COLOR is set" plain
# A terminal that has its size before the program is there: Docker's gets it at some time afterwards.
on_sized() { # COLUMNS ROWS SECONDS CAGE COMMAND…
    on_terminal "${@:1:3}" nsenter --all --target "$(docker inspect --format '{{.State.Pid}}' "$label-status-$4")" -- "${@:5}"
}
lines_of() { NO_COLOR=1 on_sized "$1" "$2" 5 locked codetainer status; }
too_wide() { lines_of "$1" 50 | tr -d '\r' | grep -E "^.{$(($1 + 1))}" && return; [ "${PIPESTATUS[0]}" = 0 ]; }
narrow() { local LC_ALL=C.UTF-8; says '…' lines_of 40 50 && silent too_wide 40; }
check "at 40 columns lines end in an ellipsis, none is longer" narrow
height() { lines_of 80 "$1" | wc -l; }
check "it fits 50 rows" below 50 height 50
check "it fits 32" below 32 height 32
check "it fits 24" below 24 height 24

# Exit codes.
cage --detach --name $label-status-audit --env CODETAINER_EGRESS=audit >/dev/null
within 20 settled audit
check "status exits 1 when DEGRADED, and says why at once" \
    fails 1 '^DEGRADED: lockdown is off: .*EVERYTHING PASSES' seen audit
check "a health check does not, but says so" \
    says '^{"healthy":true,"verdict":"DEGRADED","reasons":\["CODETAINER_EGRESS=audit: everything passes' \
    docker exec $label-status-audit codetainer health
cage --detach --name $label-status-booting --env REPO_URL=https://slow.test/project.git >/dev/null
check "and when BOOTING, with the stage" within 10 fails 1 '^BOOTING: stage workspace is running$' seen booting
docker run --detach --name $label-status-none --label $label --entrypoint sleep "$image" infinity >/dev/null
check "and 2 where nothing runs, and says what to do" \
    fails 2 '^codetainer: codetainer is not running here: .*: run this inside' seen none
check "--watch needs a terminal" fails 64 '^codetainer: status --watch needs a terminal: ' seen locked --watch
dumb_watch() { on_sized 80 24 5 locked env TERM=dumb codetainer status --watch; }
check "and not a dumb one" fails 64 'status --watch needs a terminal that it can draw on: TERM is dumb: use `status`' dumb_watch
dumb() { ! TERM=dumb on_sized 80 50 5 locked codetainer status | grep $'\033'; }
check "which has no colours" dumb
check "and is no JSON" fails 64 'is for a person' seen locked --watch --json
check "an interval is for it" fails 64 'is for --watch' seen locked --interval 1
check "and within bounds" fails 64 'from 0.1 to 3600' seen locked --watch --interval 0

# More at once than PID 1 has made for: each waits its turn.
at_once() {
    docker exec $label-status-locked sh -c '
        for number in 1 2 3 4 5 6 7 8; do status >/dev/null & processes="$processes $!"; done
        for process in $processes; do wait "$process" || exit; done'
}
check "whoever asks beside others is answered" at_once

# Limits in use.
limit() { report locked | jq --exit-status ".limits[] | select(.name == \"$1\" and .path == $2) | $3"; }
check "the memory limit is the engine's" limit memory null '.limit == 400 * 1048576 and .used > 0 and .used < .limit'
check "so is that of processes" limit pids null '.limit == 300 and .used > 2'
check "each tmpfs has its size" limit tmpfs '"/workspace"' '.limit == 512 * 1048576'
docker exec --user claude $label-status-locked dd if=/dev/zero of=/tmp/fill bs=1M count=100 status=none
check "a file takes of the tmpfs" limit tmpfs '"/tmp"' '.used >= 100 * 1048576'
check "and of the memory" limit memory null '.used >= 100 * 1048576'
check "a bar shows it" says '^  /tmp +\[#+\.+\] 100 MiB of 512 MiB$' seen locked
docker exec $label-status-locked rm /tmp/fill
no_limit() { report audit | jq --exit-status '.limits[] | select(.name == "memory") | has("limit") | not'; }
check "where there is no limit there is none" no_limit
check "and status says so" fails 1 '^  memory +[0-9.]+ [KMG]iB, no limit$' seen audit

# The schema.
scripts=../../scripts
"$scripts/packages" python3-jsonschema
schema=../../docs/status.schema.json
conforms() { report "$1" | status/hold-to-schema $schema; }
check "the schema describes every field" status/hold-to-schema $schema --complete
check "a report of a locked container keeps to it" conforms locked
check "of an audit" conforms audit
check "of a boot under way" conforms booting
docker run --detach --name $label-status-headless --label $label "${capabilities[@]}" "${apparmor[@]}" \
    "$image" --cage -- sh -c $': \033[31m; sleep infinity' >/dev/null
within 20 settled headless
check "of a headless agent" conforms headless
check "no octet of its command reaches the terminal raw" says 'headless: sh -c : \\u\{1B\}\[31m; sleep' seen headless
{
    cat ../../profiles/shell.toml
    printf '[[service]]\nname = "%s"\ncommand = ["%s"]\nrequired = %s\nuser = "nobody"\n' \
        fails false false
    printf '[[service]]\nname = "works"\ncommand = ["sleep", "infinity"]\nuser = "nobody"\n'
} >"$scratch/status.toml"
cage --detach --name $label-status-services --env CODETAINER_PROFILE=/etc/codetainer/profile.toml \
    --volume "$scratch/status.toml:/etc/codetainer/profile.toml:ro" >/dev/null
within 20 settled services
check "of one with services" conforms services

# How fast it is. The machine is not ours alone: the best of many runs counts.
timed() {
    docker exec --interactive "$label-status-locked" bash <<'BASH'
for _ in {1..60}; do
    start=${EPOCHREALTIME/./}
    codetainer status >/dev/null
    echo $((${EPOCHREALTIME/./} - start))
done | sort -n | awk '{ all[NR] = $1 } END { print "best", all[1], "median", all[int(NR / 2) + 1], "us" }'
BASH
}
best() { local figures; figures=$(timed) && echo "   ($figures)" >&2 && cut -d ' ' -f 2 <<<"$figures"; }
check "status answers in less than 15 ms" below 15000 best

# --watch. tmux is the terminal: what it shows is what a person sees.
terminals=0
watching() { tmux -L $label-status-$terminals -f /dev/null "$@"; }
watch() { # COLUMNS ROWS CAGE OPTION…
    watching kill-server 2>/dev/null
    terminals=$((terminals + 1)) # the old server may still be at its end
    watching new-session -d -x "$1" -y "$2" \
        "echo before; '$docker' exec -it $label-status-$3 status --watch ${*:4}; echo \"code \$?\"; stty -a; sleep 60"
}
picture() { watching capture-pane -p; }
pictured() { picture | grep -E -- "$1" || { picture; false; }; }
state() { watching display-message -p '#{alternate_on} #{cursor_flag} #{wrap_flag}'; }
taken() { says '^1 0 0$' state; }
given_back() { # CODE: all of the terminal is as it was
    says "^before" picture && says "^code $1" picture && says '^0 1 1$' state &&
        says ' icanon .*| icanon;' picture && says '(^| )echo ' picture && says '(^| )opost' picture
}
watch 120 60 locked
check "--watch shows the report" within 10 pictured '^LOCKED'
check "in the alternate screen, with no cursor" taken
check "all of it" says '^  session +[0-9.]+ ms' picture
check "it says how to leave" pictured '^q quits; every [0-9.]+ s$'
look_up new.denied.test >/dev/null
check "it follows what happens" within 10 pictured 'allow with: new\.denied\.test'
watching resize-window -x 40 -y 30
fits() { pictured '^LOCKED' && pictured '…$' && [ "$(picture | sed -n 1p)" = LOCKED ]; }
check "it follows a terminal that is made 40 columns wide" within 10 fits
unwrapped() { [ "$(picture)" = "$(watching capture-pane -p -J | sed 's/ *$//')" ]; }
check "and no line wraps" unwrapped
watching resize-window -x 40 -y 8
check "a terminal that is too low says how much is missing" within 10 pictured '^… [0-9]+ more: the terminal is too low$'
check "the verdict stays" says '^LOCKED$' picture
watching resize-window -x 120 -y 60
check "larger again it shows all" within 10 pictured '^  session +[0-9.]+ ms'
watching send-keys Up x
check "other keys do nothing" taken
watching send-keys -H 1b 5b 41 71
check "q ends it with the verdict's code, and gives the terminal back" within 5 given_back 0
watch 40 24 audit
check "it starts on 40 columns as well" within 10 pictured '^DEGRADED: lockdown is off'
watching send-keys C-c
check "so does Ctrl-C" within 5 given_back 1
watch 80 24 locked
within 10 pictured '^LOCKED'
docker exec $label-status-locked pkill -TERM --full 'status --watch'
check "so does SIGTERM, with its code" within 5 given_back 143

# What is written when little has changed.
drawn() { on_sized 100 50 6 locked codetainer status --watch --interval 1; }
drawn >"$scratch/drawn"
check "the terminal is erased once" says '^2$' sh -c "grep -aoE '\[J' '$scratch/drawn' | wc -l"
updates() { sed 's/\x1b\[?2026h/\n&/g' "$scratch/drawn" | grep -a '^.\[?2026h' | tail -n +3; }
whole() { ! updates | grep -avE '2026l(.\[0m.*)?$'; }
check "every further picture comes in one piece" silent whole
sizes() { updates | awk '{ if (length($0) > most) most = length($0) } END { print (NR > 2 ? most : "too few") }'; }
check "and is what has changed, no more" below 1200 sizes

# What it takes, with the processes that write the reports and PID 1's own.
used() { # microseconds of the processor that the container has had
    docker exec "$label-status-$1" sh -c '
        cd /sys/fs/cgroup
        if [ -e cpu.stat ]; then sed -n "s/^usage_usec //p" cpu.stat; else
            echo $(($(cat cpuacct/cpuacct.usage) / 1000)); fi'
}
# The container's own doing and that of asking for the figure is taken off.
window() { local start; start=$(used audit); sleep 8; echo $(($(used audit) - start)); }
idle=$(window)
watch 100 50 audit
within 10 pictured '^DEGRADED'
sleep 2
share() {
    local busy least
    least=$(window)
    for _ in 1 2; do busy=$(window); [ "$busy" -ge "$least" ] || least=$busy; done
    echo "   (idle $idle us in 8 s, watched $least us)" >&2
    echo $((least - idle))
}
check "--watch takes less than 1 % of a core" below 80000 share

# A PID 1 that does not answer, and one that goes.
host_process=$(docker inspect --format '{{.State.Pid}}' $label-status-audit)
kill -STOP "$host_process"
check "a PID 1 that does not answer is shown" within 15 pictured '^NO REPORT for [0-9]+ s: PID 1 does not answer'
kill -CONT "$host_process"
within 15 pictured '^DEGRADED'
docker stop $label-status-audit >/dev/null
check "it ends with the container, says so, and gives the terminal back" within 5 given_back 2
check "in words" pictured '^codetainer: the container is stopping'
watching kill-server
