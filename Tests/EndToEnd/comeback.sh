# shellcheck shell=bash
# shellcheck disable=SC2016,SC2086 # what a container's shell, or gdb, expands; names are words
# PID 1 traps in its own code, and is swapped for another program, while everything goes on.
echo '-- comeback'

# Names whose answers may not be kept, so that PID 1 is asked to open their address again and again.
names=$(printf 'zero.n%s.hostile.test ' {1..10})
lying=(--env CODETAINER_TRAPS=60 --env CODETAINER_UPSTREAMS="${v4}54"
    --env "CODETAINER_ALLOW=live.hostile.test:4000 $names")
trapped() { json "$1" ".supervisor.traps == $2"; }
pid_of() { docker inspect --format '{{.State.Pid}}' "$label-$1"; }
# strike CAGE SIGNAL: as a defect would; from outside, since nobody inside may but root.
strike() {
    local process
    process=$(pid_of "$1")
    # Of a container that does not run it is 0, and that would be everybody here.
    [ "${process:-0}" -gt 1 ] && kill -s "$2" "$process"
}
# wreck PID SETTING…: a real fault: the process goes on with other registers or instructions.
wreck() {
    local wishes=() wish
    for wish in "${@:2}"; do wishes+=(--eval-command "set $wish"); done
    gdb --batch --nx --pid "$1" --eval-command 'set $orig_rax = -1' "${wishes[@]}"
} >/dev/null 2>&1 </dev/null
beside() { # CAGE COMMAND…: as one who may look at PID 1
    docker run --rm --cap-add SYS_PTRACE --cap-add NET_ADMIN --pid "container:$label-$1" \
        --network "container:$label-$1" --entrypoint sh $label-world -c "$2" - "${@:3}"
}
descriptors() { beside "$1" 'ls -l /proc/1/fd | grep -c -- "->"'; }
inherited() { beside "$1" 'grep -L "^flags:.*2[0-7]\{6\}$" $(ls /proc/1/fd | sed "/^[012]$/d; s,^,/proc/1/fdinfo/,"); :'; }

cage --detach --name $label-back "${lying[@]}" >/dev/null
within 20 ready back
kept() { docker exec $label-back "$@"; }
resolver=$(kept codetainer status --json | jq .resolver.pid)
server=$(kept codetainer status --json | jq .session.pid)
same="resolver.pid == $resolver and .resolver.restarts == 0 and .session.pid == $server and .session.state == \"running\""
open=$(descriptors back)
tmux -L $label -f /dev/null new-session -d -x 120 -y 40 "$docker exec -it $label-back attach; read"
typed() {
    tmux -L $label send-keys "echo \$((40 + 2))$1" Enter
    within 5 eval "tmux -L $label capture-pane -p | grep '^42$1'"
}
check "an operator is attached" within 10 typed before

strike back SEGV
check "PID 1 comes back from SIGSEGV" within 5 trapped back 1
number=1
for signal in ILL TRAP BUS FPE ABRT SYS; do
    strike back $signal
    number=$((number + 1))
    within 5 trapped back $number >/dev/null
done
check "and from every signal that a defect causes" trapped back 7
check "status says what it was" json back '.supervisor.lastTrap | test("^SIGSYS [(]sent by process")'
check "in its text as well" says '7 traps, 0 upgrades' kept codetainer status
check "and so does the log" logged back 'came back from a trap in its own code: SIGBUS .*number 4 of this minute'
wreck "$(pid_of back)" '$rip = 0'
check "a jump to nowhere is survived" within 5 trapped back 8
check "and told with its address" json back '.supervisor.lastTrap | test("^SIGSEGV [(]code 1, address 0x0[)]")'
wreck "$(pid_of back)" '{short}$rip = 0x0b0f'
check "a trap of Swift's is survived" within 5 trapped back 9
check "and told with its place" json back '.supervisor.lastTrap | test("^SIGILL [(]code 2, .*at 0x[0-9a-f]+ of the program")'
wreck "$(pid_of back)" '{short}$rip = 0xf1f7' '$rcx = 0' '$rdx = 0'
check "so is a division by zero" within 5 trapped back 10
wreck "$(pid_of back)" '$rsp = 0x1000' '{short}$rip = 0x5050'
check "so is a stack that has no room left" within 5 trapped back 11
check "PID 1 keeps its number, its resolver and its session" json back ".$same"
check "and is LOCKED" kept codetainer status
check "who is attached stays so" typed after
check "nothing of PID 1 leaks" says "^$open\$" descriptors back
check "and none of its descriptors passes on to a child" silent inherited back
check "the agent cannot make it trap" fails 1 'not permitted' agent_of back 'kill -SEGV 1'
check "it can end what is its own" agent_of back 'sleep 60 & kill -SEGV $!'
strike back TERM
check "stopped after all that it ends as ever" within 10 eval \
    '[ "$(docker inspect --format "{{.State.ExitCode}} {{.State.Running}}" $label-back)" = "143 false" ]'
tmux -L $label kill-server 2>/dev/null

# Under load: names are asked for, a connection that a name opened is busy, the rules are looked at,
# and an operator asks; PID 1 traps fifty times. A second one's resolver hangs meanwhile.
cage --detach --name $label-storm "${lying[@]}" >/dev/null
cage --detach --name $label-hung >/dev/null
within 20 ready storm && within 20 ready hung
hung=$(docker exec $label-hung codetainer status --json | jq .resolver.pid)
wreck "$(docker top $label-hung -eo pid,args | awk '/ resolver / { print $1 }')" '{short}$rip = 0xfeeb'
load() { # CAGE SECONDS
    docker run --rm --network "container:$label-$1" --user 1000:1000 \
        --volume "$PWD/world/load:/usr/local/bin/load:ro" --entrypoint sh $label-world -c '
        dig @127.0.0.53 +short live.hostile.test >/dev/null
        exec load "$@"' - "$2" 127.0.0.53 "${v4}66:4000" $names
}
rules() { beside "$1" 'nft list chain inet codetainer output | grep -v counter | wc -l'; }
look() { # CAGE LINES: prints the looks that found the rules, and what another one found
    beside "$1" 'while sleep 0.01; do
        nft list chain inet codetainer output >/tmp/rules 2>&1
        lines=$(grep -v counter /tmp/rules | wc -l)
        [ "$lines" = "$1" ] && grep -q "policy drop" /tmp/rules && echo seen || cat /tmp/rules
    done' "$2"
}
grants_of() { docker exec "$label-$1" codetainer status --json | jq '.egress.grants | length'; }
storm() {
    local number
    for number in {1..50}; do
        strike storm "$(shuf -n 1 -e ILL TRAP SEGV BUS FPE ABRT SYS)"
        docker exec $label-storm codetainer health >/dev/null || echo "no answer after $number"
        sleep 0.3
    done
}
resolver=$(docker exec $label-storm codetainer status --json | jq .resolver.pid)
server=$(docker exec $label-storm codetainer status --json | jq .session.pid)
lines=$(rules storm)
load storm 40 >"$scratch/load" 2>&1 &
loading=$!
look storm "$lines" >"$scratch/looks" 2>&1 &
sleep 3
grants=$(grants_of storm)
storm >"$scratch/storm" 2>&1
wait $loading
loaded=$?
loaded_well() { cat "$scratch/load"; return $loaded; }
check "fifty traps under load: no question unanswered, no connection broken" loaded_well
check "no operator unanswered" silent cat "$scratch/storm"
check "no rule missing at any instant" fails 1 '^$' grep -v '^seen$' "$scratch/looks"
check "which was looked at often" eval '[ "$(grep -c seen "$scratch/looks")" -gt 300 ]'
check "every trap was counted" trapped storm 50
check "the resolver and the session are the same" json storm \
    ".resolver.pid == $resolver and .resolver.restarts == 0 and .session.pid == $server"
check "grants survive" json storm ".egress.grants | length > 0 and length >= $grants"
# Left is what is still there a moment later; a process may end between the list and its reading.
all_reaped() { silent beside storm 'grep -ls "^State:.Z" /proc/[0-9]*/status || :'; }
check "no orphan is left unreaped" within 5 all_reaped
# The looks end with it.
docker rm --force $label-storm >/dev/null
check "a resolver whose loop hangs is replaced" within 30 json hung \
    ".resolver.pid != $hung and .resolver.pid > 0 and .resolver.restarts == 1"
check "and the log says why" logged hung "resolver's loop has not turned for 5 s"
check "the new one answers" docker exec --user claude $label-hung getent hosts allowed.test

cage --detach --name $label-thrice >/dev/null
within 20 ready thrice
ended() { # CAGE CODE
    [ "$(docker inspect --format '{{.State.ExitCode}} {{.State.Running}}' "$label-$1")" = "$2 false" ]
}
strike thrice SEGV && within 5 trapped thrice 1 && strike thrice ILL
check "two traps in a minute are survived" within 5 trapped thrice 2
strike thrice BUS
check "three end the container in order" within 5 ended thrice 70
check "and say so" logged thrice '3 traps in a minute: ending the container'
cage --detach --name $label-unready --env REPO_URL=https://slow.test/project.git >/dev/null
within 20 json unready '.boot.current == "workspace"' >/dev/null
check "a boot under way is not healthy, and health says why" fails 1 'BOOTING.*stage workspace is running' \
    docker exec $label-unready codetainer health
strike unready SEGV
check "a trap before there is a state ends the container" within 5 ended unready 70
check "and says that, too" logged unready 'without a state to come back to'

# While the container ends: for a reason of its own, and because it was asked to.
deaf='command = ["sh", "-c", "trap true TERM HUP; while :; do sleep 0.1; done"]'
{
    sed "s|^command = .*|$deaf|" ../../profiles/shell.toml
    printf '%s\n' '[[service]]' 'name = "doomed"' 'command = ["sh", "-c", "sleep 2; exit 3"]' \
        'user = "nobody"' 'restart = "never"'
} >"$scratch/doomed-too.toml"
sed "s|^command = .*|$deaf|" ../../profiles/shell.toml >"$scratch/deaf.toml"
deaf_cage() { # NAME PROFILE
    cage --detach --name "$label-$1" --env CODETAINER_PROFILE=/etc/codetainer/deaf.toml \
        --volume "$scratch/$2.toml:/etc/codetainer/deaf.toml:ro" >/dev/null
}
deaf_cage doomed doomed-too
within 20 logged doomed 'SIGTERM to the agent' >/dev/null
strike doomed SEGV
check "a trap while the container ends leaves its reason" within 12 ended doomed 69
check "which was said" logged doomed 'service doomed'
deaf_cage deaf deaf
within 20 ready deaf >/dev/null
asked_to_end() { # and struck twice on the way; in milliseconds
    local start
    start=$(date +%s%N)
    docker stop --time 20 $label-deaf >/dev/null &
    sleep 1
    strike deaf SEGV
    sleep 2
    strike deaf SEGV
    wait $!
    echo $((($(date +%s%N) - start) / 1000000))
}
check "nor has it more time than 8 s when it was asked to (ms)" below 9000 asked_to_end
check "and it ends in order" logged deaf 'ended with code'
