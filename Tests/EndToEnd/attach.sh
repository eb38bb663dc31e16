# shellcheck shell=bash
# Operators at their seats: a tmux of our own plays each one's terminal.
echo '-- attach'
seats() { tmux -L $label-attach -f /dev/null "$@"; }
seat() { # NAME COLUMNSxROWS COMMAND: and what it ended with stays to be seen
    seats new-session -d -s "$1" -x "${2%x*}" -y "${2#*x}" "$3; echo \"ended with \$?\"; read -r _"
}
sees() { within 10 seen "$1" "$2"; }
seen() { seats capture-pane -p -t "$1" | grep -E -- "$2" || { seats capture-pane -p -t "$1"; false; }; }
sees_not() { ! seats capture-pane -p -t "$1" | grep -E -- "$2"; }
type_at() { seats send-keys -t "$1" "${@:2}"; }
attach="$docker exec -it $label-attach attach"
inner() { docker exec --user claude $label-attach tmux -S $tmux_socket "$@"; }
pane() { inner capture-pane -p -t "\$0:0.$1"; }
pane_shows() { within 10 pane_holds "$1" "$2"; }
pane_holds() { pane "$1" | grep -E -- "$2" || { pane "$1"; false; }; }
pane_lacks() { ! pane "$1" | grep -E -- "$2"; }
window() { inner display-message -p -t '$0:' '#{window_width}x#{window_height}'; }
clients_here() { inner list-clients | grep -c . || :; }

# While boot clones from a server that never answers.
cage --detach --name $label-attach-slow --env REPO_URL=https://slow.test/project.git >/dev/null
seat spinner 90x24 "$docker exec -it $label-attach-slow attach"
seat plain 90x24 "$docker exec -it --env TERM=dumb $label-attach-slow attach"
seat grey 90x24 "$docker exec -it --env NO_COLOR=1 $label-attach-slow attach"
check "attach to a boot under way shows each stage and its time" sees spinner '^\+ verify +[0-9.]+ ms$'
check "and on a terminal the one that runs" sees spinner '^[-|/\\] workspace +[0-9.]+ s$'
check "whose time goes on" sees spinner '^[-|/\\] workspace +[1-9][0-9]*\.[0-9] s$'
check "a dumb terminal gets the stages" sees plain '^\+ verify +[0-9.]+ ms$'
check "as lines and no more" sees_not plain workspace
check "NO_COLOR has the spinner" sees grey '^[-|/\\] workspace +[0-9.]+ s$'
colours() { seats capture-pane -p -e -t "$1" | grep -c $'\e\[3[26]m' || :; }
check "without colours" says '^0$' colours grey
check "which it has otherwise" says '^[1-9]' colours spinner
type_at spinner C-c
check "Ctrl-C stops waiting" sees spinner '^ended with 130$'
check "and leaves nothing of the spinner" sees_not spinner workspace
seat looking 90x24 "$docker exec -it $label-attach-slow status --watch"
check "status shows it as well" sees looking BOOTING
docker stop --time 5 $label-attach-slow >/dev/null
check "who waits is told that the container stops" sees plain '^codetainer: the container is stopping$'
check "and leaves with 1" sees plain '^ended with 1$'
check "who looks is told, too, and has the terminal back" sees looking '^codetainer: the container is stopping$'
check "with 2" sees looking '^ended with 2$'
docker rm --force $label-attach-slow >/dev/null

# A step that fails: PID 1 tells everybody to end as soon as it has said why.
{
    cat ../../profiles/shell.toml
    printf '[[step]]\nname = "bad"\ncommand = ["sh", "-c", "sleep 2; exit 5"]\nuser = "nobody"\n'
} >"$scratch/bad-step.toml"
cage --detach --name $label-attach-step --env CODETAINER_PROFILE=/etc/codetainer/bad.toml \
    --env CODETAINER_LOG_LEVEL=error \
    --volume "$scratch/bad-step.toml:/etc/codetainer/bad.toml:ro" >/dev/null
for number in 1 2 3; do seat step-$number 120x24 "$docker exec -it $label-attach-step attach"; done
all_see() {
    local number
    for number in 1 2 3; do sees step-$number "$1" || return; done
}
check "each who waits for a boot that fails is told in which stage, whatever the log's level" \
    all_see 'boot failed in stage services: the container is stopping'
check "and why, each" all_see '^codetainer: service bad: exited with code 5, and is not started again'
check "and leaves with 1, each" all_see '^ended with 1$'
docker rm --force $label-attach-step >/dev/null

# A boot that fails, in a container that takes its time to end.
{
    cat ../../profiles/shell.toml
    cat <<'TOML'
[[service]]
name = "stubborn"
command = ["sh", "-c", "trap '' TERM; echo >&4; while :; do sleep 0.1; done"]
user = "nobody"
ready = "fd:4"
stop-grace = "6s"

[[service]]
name = "doomed"
command = ["sleep", "infinity"]
user = "nobody"
after = ["stubborn"]
ready = "port:8098"
ready-within = "4s"
TOML
} >"$scratch/doomed.toml"
cage --detach --name $label-attach-doomed --env CODETAINER_PROFILE=/etc/codetainer/doomed.toml \
    --volume "$scratch/doomed.toml:/etc/codetainer/doomed.toml:ro" >/dev/null
seat doomed 120x24 "$docker exec -it $label-attach-doomed attach"
check "a boot that fails is said, with its stage" sees doomed 'boot failed in stage services: the container is stopping'
check "and why" sees doomed '^codetainer: service doomed: not ready within 4000.000 ms'
check "at once" sees doomed '^ended with 1$'
docker rm --force $label-attach-doomed >/dev/null

# No moment between docker run and docker exec: there is no control socket yet.
cage --detach --name $label-attach >/dev/null
seat first 120x40 "$attach"
check "a container that was started just now is waited for" sees first '^claude /workspace'
type_at first 'echo $((6 * 7))-from-first' Enter
check "keys reach the agent" sees first '^42-from-first'

# Sizes: the window is as large as the terminal that was used last.
check "the window has the operator's size" within 5 says '^120x40$' window
seat second 90x24 "$attach"
check "a second operator sees the same" sees second '^42-from-first'
type_at second 'echo $((6 * 7))-from-second' Enter
check "and types, too" sees first '^42-from-second'
check "the window has the second one's size then" within 5 says '^90x24$' window
type_at first 'echo again' Enter
check "and the first one's again" within 5 says '^120x40$' window
seats resize-window -t first -x 1200 -y 37
check "a terminal that changes its size is followed, as far as screens go" within 5 says '^1000x37$' window
seats resize-window -t first -x 133 -y 37
check "and back" within 5 says '^133x37$' window
seats_named() {
    local name number=0
    for name in dumb . ..; do
        number=$((number + 1))
        seat "named-$number" 90x24 "$docker exec -it --env TERM=$name $label-attach attach"
        sees "named-$number" '^42-from-second' || return
        type_at "named-$number" C-b d
        sees "named-$number" '^ended with 0$' || return
    done
}
check "a terminal with a name that says nothing is one like most" seats_named
type_at first 'echo and-back' Enter
check "the first one's size is the window's again" within 5 says '^133x37$' window

# Watching.
seat watcher 70x20 "$attach --read-only"
check "a watcher sees the agent" sees watcher 'from-second'
check "and does not shrink the window" says '^133x37$' window
type_at watcher 'echo typed-by-watcher' Enter
type_at first 'echo typed-by-first' Enter
check "an operator's keys come through" pane_shows 0 '^typed-by-first'
check "a watcher's do not" pane_lacks 0 typed-by-watcher
# The agent's tmux takes its flag from the watcher.
inner list-clients -F '#{client_name} #{client_flags}' >"$scratch/clients"
watcher_client=$(sed -n 's/ .*read-only.*//p' "$scratch/clients")
inner switch-client -r -c "$watcher_client"
flags_of() { inner list-clients -F '#{client_name} #{client_flags}' | grep "^$1 "; }
not_flagged() { flags_of "$1" && ! flags_of "$1" | grep read-only; }
check "the agent can take tmux's own flag from a watcher" not_flagged "$watcher_client"
type_at watcher 'echo typed-in-vain' Enter
type_at first 'echo typed-after-it' Enter
check "an operator's keys come through still" pane_shows 0 '^typed-after-it'
check "and a watcher's still do not" pane_lacks 0 typed-in-vain
type_at watcher C-b d
check "C-b d leaves" sees watcher '^ended with 0$'
check "one line says how to come back" sees watcher 'detached: the agent goes on: come back with `attach`'

# A pane for oneself.
seat shell 100x30 "$attach --pane shell"
check "--pane shell attaches" sees shell from-second
type_at shell 'echo in-the-shell' Enter
type_at first 'echo in-the-agent' Enter
check "its keys go to the shell" pane_shows 1 '^in-the-shell'
check "those of others to the agent, as before" pane_shows 0 '^in-the-agent'
check "and not to the shell" pane_lacks 1 in-the-agent
type_at shell C-b d
check "an operator detaches with 0" sees shell '^ended with 0$'
type_at first C-b c
type_at first 'echo a-new-window' Enter
check "an operator opens another window" sees first '^a-new-window'
seat shell-apart 160x30 "$attach --pane shell"
check "from which nobody else takes them" sees shell-apart 'the pane shell is in another window than the one that others look at'
check "but is refused" sees shell-apart '^ended with 1$'
check "and their keys stay theirs" sees first '^a-new-window'
type_at first 'exit' Enter
check "until they are back" sees first in-the-agent
check "another pane is none" fails 64 'no pane "editor": --pane takes agent or shell' \
    docker exec $label-attach attach --pane editor

# What is lost with the connection: nothing.
client_pids() { docker exec $label-attach sh -c 'pgrep -x attach; pgrep -xu claude "tmux: client"; :'; }
nothing_left() {
    echo "relays and clients: $(client_pids), attached: $(clients_here)"
    [ -z "$(client_pids)" ] && [ "$(clients_here)" = 0 ]
}
zombies() { docker exec $label-attach sh -c 'ps --ppid 1 -o stat=,pid=,user=,comm= | grep ^Z || :'; } # tmux takes its time for its own
seats kill-session -t second
kill_relays() { docker exec $label-attach pkill "-$1" -x attach; }
check "operators are attached" says '^[1-9]' clients_here
check "the relays are killed" kill_relays KILL
check "and nothing of them is left" within 5 nothing_left
check "PID 1 has reaped them" within 5 silent zombies
check "the agent goes on" pane_holds 0 '^in-the-agent'
seat hung 100x30 "$attach"
check "one can come back" sees hung in-the-agent
check "a hang-up of the terminal" kill_relays HUP
check "ends it as one" sees hung '^ended with 129$'
check "and leaves nothing either" within 5 nothing_left
seat alone 70x20 "$attach --read-only"
before=$(window)
check "a watcher comes alone" sees alone in-the-agent
check "and the window keeps its size" says "^$before$" window
type_at alone C-c
check "C-c leaves as well" sees alone '^ended with 0$'
seat after 101x31 "$attach"
check "whoever types gives it theirs" within 10 says '^101x31$' window
seat beside 70x20 "$attach --read-only"
check "another watcher comes" sees beside in-the-agent
type_at after C-b d
check "nor does the window shrink to a watcher's when the last who types leaves" sees after '^ended with 0$'
check "but keeps theirs" within 5 says '^101x31$' window
type_at beside C-b d
check "nobody is left" within 5 nothing_left

# Names.
check "the agent renames its session" inner rename-session -t shell fix-the-bug
seat renamed 100x30 "$attach"
check "attach finds it" sees renamed in-the-agent
type_at renamed C-b d
check "and leaves it" sees renamed '^ended with 0$'
seat by-new-name 100x30 "$attach fix-the-bug"
check "by its new name, too" sees by-new-name in-the-agent
seat by-first-name 100x30 "$attach shell"
check "and by the one that status knows" sees by-first-name in-the-agent
seat unknown 100x30 "$attach nobody"
check "another name is refused, with those that are there" \
    sees unknown 'no session "nobody": this container has shell \(renamed to fix-the-bug\)'
check "with 1" sees unknown '^ended with 1$'
inner new-session -d -s work
seat elsewhere 100x30 "$attach --pane shell work"
check "a session that the agent has made has no pane of boot's" \
    sees elsewhere 'the pane shell is gone: use `attach` alone'
check "which is said before anything is attached" sees elsewhere '^ended with 1$'
seat work 100x30 "$attach work"
check "the session itself is one to attach to" sees work '^claude /'
type_at work C-b d
check "and to leave" sees work '^ended with 0$'
inner kill-session -t work
inner kill-session -C -t '$0' # only clears alerts: the session stays

# The end of the agent.
type_at by-new-name C-b d
type_at by-first-name 'seq 100; printf "last-\033[31mwords\n"; exit 3' Enter
check "the pane of an agent that has ended says so" sees by-first-name 'exited with code 3'
last_rows() { inner capture-pane -p -t %0 | grep . | tail -n 4 | paste -sd ' '; }
check "below what it has shown" says '^100 last-words logout \[codetainer\] bash exited with code 3\.' last_rows
type_at by-first-name C-b d
check "whoever detaches then is told" sees by-first-name 'detached: the agent has ended with code 3'
check "attach without a terminal says the code" fails 3 'agent \(bash -l\) has ended with code 3; its last lines:' \
    docker exec $label-attach attach
check "and the last lines" fails 3 '^codetainer:   \| last-words$' docker exec $label-attach attach
seat ended 100x30 "$attach"
check "with one it attaches" sees ended 'exited with code 3'
type_at ended Enter
type_at ended 'echo $((6 * 7))-once-more' Enter
check "where Enter starts it again" sees ended '^42-once-more'

runs_for() { docker exec $label-attach status --json | jq .session.seconds; }
check "and has been running since then" below 15 runs_for

# What an agent leaves behind that has no time to tidy up.
over_with() { docker exec "$label-attach" status --json | jq --exit-status ".session.exitCode == $1"; }
processor() { # ticks that the agent's runner has taken
    docker exec $label-attach sh -c 'cut -d " " -f 14,15 /proc/$(pgrep -f "^/usr/local/bin/codetainer run-agent")/stat'
}
type_at ended 'echo $((6 * 8))-at-work; exit 5' Enter x y
check "keys that were typed ahead of its end are no Enter" within 5 over_with 5
sleep 0.5
check "and start nothing" over_with 5
type_at ended Enter
type_at ended "printf '\\033[?1049h\\033[?1003h\\033[?25l\\033[5;10r\\033[?6h\\033[?7lfull-screen'; stty raw -echo; kill -KILL \$\$" Enter
check "an agent that is killed" within 5 over_with 137
check "gives its screen back" sees ended 'bash was ended by SIGKILL. Press Enter to start it again'
check "and the mouse and the cursor" says '^0 0 1$' inner display-message -p -t '$0:0.0' '#{alternate_on} #{mouse_all_flag} #{cursor_flag}'
before=$(processor)
sleep 1
check "nor is its output stopped, or its lines bent" says '^0 1 0$' inner display-message -p -t '%0' '#{scroll_region_upper} #{wrap_flag} #{origin_flag}'
check "nobody turns in a circle meanwhile" says "^$before\$" processor
type_at ended Enter
type_at ended 'echo $((6 * 9))-after-all' Enter
check "and Enter starts it again" sees ended '^54-after-all'

# What it does to its group it does to itself, what it stops goes on, and its panes keep their names.
type_at ended 'sh -c "trap : INT; kill -INT 0; echo \$((6 * 10))-goes-on"' Enter
check "a signal to the agent's own group is not the runner's" sees ended '^60-goes-on'
type_at ended 'exec sh -c "kill -STOP \$\$; echo \$((6 * 11))-continued; sleep 1; kill -TERM 0"' Enter
check "an agent that stops itself goes on" sees ended '^66-continued'
check "one that ends its group ends alone" within 5 over_with 143
check "with its last lines" fails 3 '^codetainer:   \|.*66-continued$' docker exec $label-attach attach
type_at ended Enter
type_at ended 'echo $((6 * 12))-after-that' Enter
check "and may be started again" sees ended '^72-after-that'
inner split-window -d -h -t %0 'echo third-pane; exec cat'
seat third 100x30 "$attach --pane shell"
check "a window that was split" sees third third-pane
type_at third 'echo for-the-shell' Enter
pane_of() { inner capture-pane -p -t "$1" | grep -E -- "$2" || { inner capture-pane -p -t "$1"; false; }; }
check "keeps --pane shell where it was" within 10 pane_of %1 '^for-the-shell'
type_at third C-b d
inner kill-pane -t %1
seat gone 100x30 "$attach --pane shell"
check "and says that a pane is gone" sees gone 'the pane shell is gone: use `attach` alone'
type_at ended C-s
docker exec $label-attach pkill -KILL -f '^bash -l'
check "an agent that ends on a stopped terminal is told of" within 5 over_with 137
type_at ended C-q
type_at ended Enter
type_at ended 'echo $((6 * 13))-flows' Enter
check "and the terminal flows again" sees ended '^78-flows'
type_at ended 'echo once-more' Enter
check "attach without a terminal has nothing to do then" fails 64 'attach needs a terminal' \
    docker exec $label-attach attach

# A server that does not answer, and a container that stops.
docker exec $label-attach pkill -STOP -x 'tmux: server'
seat mute 160x30 "$attach"
check "a tmux that does not answer is not waited for" sees mute 'cannot attach to the session shell: tmux list-sessions: Connection timed out'
docker exec $label-attach pkill -CONT -x 'tmux: server'
seat stopping 100x30 "$attach"
check "until it goes on" sees stopping once-more
docker stop --time 5 $label-attach >/dev/null
check "whoever is attached is told" sees stopping '^codetainer: the container is stopping$'
check "and leaves with 1" sees stopping '^ended with 1$'
seats kill-server

# Where nothing of ours runs.
docker run --detach --label $label --name $label-attach-plain --entrypoint codetainer "$image" \
    init -- sleep 600 >/dev/null
docker run --detach --label $label --name $label-attach-other --entrypoint sleep "$image" 600 >/dev/null
docker run --detach --label $label --name $label-attach-headless "${capabilities[@]}" "${apparmor[@]}" \
    --entrypoint codetainer "$image" init --cage -- sleep 600 >/dev/null
at_once() { timeout 5 "$docker" exec "$@" attach; }
check "a plain init has no session" fails 2 'no session here: PID 1 is an init for sleep' at_once $label-attach-plain
check "nor has another PID 1" fails 2 'not running here: PID 1 is sleep' at_once $label-attach-other
check "nor a cage without tmux" within 10 fails 1 'its agent is headless' at_once $label-attach-headless
docker rm --force $label-attach $label-attach-plain $label-attach-other $label-attach-headless >/dev/null

# What the agent's tmux writes to a terminal when its client leaves is the agent's choice, and some
# terminals answer. The program that comes next would read the answer as typed.
cage --detach --name $label-attach-sly >/dev/null
within 20 ready attach-sly >/dev/null
sly() { docker exec --user claude $label-attach-sly tmux -S $tmux_socket "$@"; }
sly set -as terminal-overrides '*:rmcup=\E[?1049l\E]52;c;?\007'
answering() { # KEYS COMMAND
    attach/answering "$1" "$docker" exec -it --env TERM=xterm-256color $label-attach-sly \
        sh -c "$2; printf 'READY\n'; read -r line; printf 'read <%s>\n' \"\$line\""
}
check "a terminal's late answer is read by what comes next" says 'read <.*cHduZWQ=.*>' answering '' 'printf "\033]52;c;?\007"'
check "but after attach it is not" says 'read <>' answering '\x02d' attach
sly bind-key d display-message no
check "C-b d leaves whatever the agent makes of it" says 'read <>' answering '\x02d' attach
sly bind-key d detach-client -E 'printf "\n# "; cat >/dev/null'
check "and what it shows instead of leaving is over soon" says 'read <>' answering '\x02d' attach
docker rm --force $label-attach-sly >/dev/null
