# shellcheck shell=bash
# init -- COMMAND: an init for any image. This one holds Debian and the binary, and nothing of ours.
echo '-- init'
mkdir "$scratch/plain"
docker run --rm --label $label --entrypoint cat "$image" /usr/local/bin/codetainer \
    >"$scratch/plain/codetainer"
chmod 755 "$scratch/plain/codetainer"
cat >"$scratch/plain/Dockerfile" <<'END'
FROM debian:bookworm-slim
COPY codetainer /usr/local/bin/codetainer
ENTRYPOINT ["codetainer", "init", "--"]
END
docker build --quiet --tag $label-init "$scratch/plain" >/dev/null

# plain NAME [DOCKER-ARGUMENTS] -- COMMAND: under init, in the background, until it has said "ready".
plain() {
    local name=$1 arguments=()
    shift
    while [ "$1" != -- ]; do arguments+=("$1"); shift; done
    shift
    docker run --detach --label $label --name "$label-$name" "${arguments[@]}" $label-init "$@" >/dev/null
    within 10 said "$name" ready
}
said() { docker logs "$label-$1" 2>&1 | grep -qx "$2"; }
waited() { docker wait "$label-$1"; }
obey='trap "echo told; exit 7" TERM; trap "echo hup" HUP; trap "echo real-time" 40; echo ready; while :; do sleep 0.1; done'

check "the command's code is the container's" fails 5 '^' \
    docker run --rm --label $label $label-init sh -c 'exit 5'
check "so is 128 and the signal that ended it" fails 137 '^' \
    docker run --rm --label $label $label-init sh -c 'kill -9 $$'
check "there is nothing to say about one that works" silent docker run --rm --label $label $label-init true
check "a command that does not exist is 127" fails 127 'codetainer: init: cannot run zzzz: not found' \
    docker run --rm --label $label $label-init zzzz
check "one that cannot be run is 126" fails 126 'codetainer: init: cannot run /etc/passwd: not an exec' \
    docker run --rm --label $label $label-init /etc/passwd
# search PATH MODE: how the command is looked for where the first of its files has that mode: with
# nothing said to init, and with an option. (tool says which it is, and init the code.)
search() {
    docker run --rm --label $label --cap-add SYS_ADMIN --security-opt seccomp=unconfined --entrypoint sh $label-init -c '
        mkdir /first /second && cd /second && echo "echo first" >/first/tool && echo "echo second" >/second/tool
        chmod "$2" /first/tool && chmod 755 /second/tool
        # Without a first line that names a shell: init has to find one.
        for words in "-- tool" tool "-g tool"; do
            (PATH=$1 exec /usr/bin/unshare --pid --fork /usr/local/bin/codetainer init $words) 2>&1
            echo $?
        done | paste -s -d ,' sh "$@"
}
check "a command is the first in PATH" says '^first,0,first,0,first,0$' search /none:/first:/second:/bin 755
check "that can be run" says '^second,0,second,0,second,0$' search /first:/first/tool:/second 644
check "an empty part is the working directory" says '^second,0,second,0,second,0$' search :/first 755
check "and if none can be run, that is said" says '^(codetainer: init: cannot run tool: [^:]*permission[^:]*: see ls -l, and chmod [+]x,126,?){3}$' \
    search /first 644
check "a command that ends at once is seen to end" says '^300$' \
    docker run --rm --label $label --cap-add SYS_ADMIN --security-opt seccomp=unconfined --entrypoint sh $label-init -c '
        for i in $(seq 300); do unshare --pid --fork codetainer init -- true && echo; done | wc -l'
check "so it is where children were ignored" fails 5 '^' docker run --rm --label $label --entrypoint sh $label-init -c \
    "trap '' CHLD; exec codetainer init -- sh -c 'exit 5'"
check "an unknown option is 64" fails 64 'unknown option -z' \
    docker run --rm --label $label --entrypoint codetainer $label-init init -z true
check "--help is not an error" says 'USAGE: codetainer init' \
    docker run --rm --label $label --entrypoint codetainer $label-init init --help

plain obeys -- sh -c "$obey"
hears() { docker kill --signal "$2" "$label-$1" && within 5 said "$1" "$3"; }
check "docker kill's signal reaches the command" hears obeys HUP hup
check "a real-time one as well" hears obeys RTMIN+6 real-time
check "docker stop of an obedient command takes less than 0.5 s" below 500 stop obeys
check "which was told" said obeys told
check "and ended in its own way" says '^7$' code obeys

# The shell ignores the signal, its child does not.
deaf='trap "" TERM; env --default-signal=TERM sh -c "echo ready; exec sleep 30" & wait $!; echo over; exit 3'
plain alone -- sh -c "$deaf"
plain group --env CODETAINER_SIGNAL=group -- sh -c "$deaf"
docker kill --signal TERM "$label-alone" "$label-group" >/dev/null
check "a group's signal reaches the command's children" says '^3$' waited group
check "the command's alone does not" says '^true$' \
    docker inspect --format '{{.State.Running}}' "$label-alone"
docker rm --force "$label-alone" >/dev/null

plain stops -- sh -c "$obey"
# state PROCESS STATE: of one in that container; 1, or the command.
state() {
    docker exec "$label-stops" sh -c '
        case $1 in command) set -- $(cat /proc/1/task/1/children) ;; esac
        sed -n "s/^State:.\(.\).*/\1/p" "/proc/$1/status"' sh "$1" | grep -qE "^[$2]$"
}
docker kill --signal TSTP "$label-stops" >/dev/null
check "a stop from outside stops the command" within 5 state command T
check "but never PID 1" state 1 S
docker kill --signal CONT "$label-stops" >/dev/null
check "it is continued the same way" within 5 state command RS
check "docker stop tells it then" below 500 stop stops

# A command that has become another user's, where init lacks the capability to signal it.
become='echo ready; exec setpriv --reuid 1234 --regid 1234 --clear-groups sleep 30'
plain foreign --cap-drop ALL --cap-add SETUID --cap-add SETGID -- sh -c "$become"
plain own --cap-drop ALL --cap-add SETUID --cap-add SETGID --cap-add KILL -- sh -c "$become"
lost() { docker logs "$label-$1" 2>&1 | grep -cx "codetainer: init: warning: SIGHUP does not reach the command, .*: add .--cap-add KILL."; }
sleep 0.5
for signal in HUP HUP HUP; do docker kill --signal $signal $label-foreign && sleep 0.1; done >/dev/null
check "a signal that cannot be passed on is said, once" within 5 says '^1$' lost foreign
docker kill --signal HUP $label-own >/dev/null
check "with the capability it arrives" says '^129$' waited own
docker rm --force $label-foreign $label-own >/dev/null

# One that ignores the request and stops itself later is continued, as ever: TSTP, and STOP on a terminal.
shrugs='trap "" TSTP; echo ready; sleep 2.5; kill -STOP $$; echo went on'
plain shrugs --tty -- sh -c "$shrugs" && docker kill --signal TSTP $label-shrugs >/dev/null
check "a stop that is ignored strands nobody" within 6 eval 'docker logs $label-shrugs | grep "went on"'
docker rm --force $label-shrugs >/dev/null

orphans='for i in 1 2 3 4 5 6 7 8; do (true &); done; sleep 0.3; grep -l "^State:.Z" /proc/[0-9]*/status | wc -l'
check "orphans are reaped" says '^0$' docker run --rm --label $label $label-init sh -c "$orphans"
check "which without an init they are not" says '^8$' \
    docker run --rm --label $label --entrypoint sh $label-init -c "($orphans) & exec sleep 1"
check "a read-only root without capabilities is enough" says '^here$' \
    docker run --rm --label $label --read-only --cap-drop ALL --user 1000 --network none $label-init echo here

# An empty root: no /proc, no /dev, no environment, no shell.
void() {
    docker run --rm --label $label --entrypoint sh $label-init -c \
        "mkdir /void && cp /usr/local/bin/codetainer /void && exec env -i /usr/sbin/chroot /void /codetainer init -- $*"
}
check "it runs a command in an empty root" says '^codetainer [0-9]' void /codetainer --version
check "with standard input and error closed" says '^codetainer [0-9]' \
    void /codetainer --version '<&- 2>&-'
check "with all of them closed" silent void /codetainer --version '<&- >&- 2>&-'
check "and says what is missing there" fails 127 'cannot run /bin/true: there is no such file' \
    void /bin/true

# A terminal: Docker's client wants one too, so script(1) plays it.
typed() { printf '%s\n' "$1" | script --quiet --return --command "$2" /dev/null; }
check "a shell has job control" says 'flags .*m' \
    typed 'echo "flags $-"; exit' "$docker run --rm --label $label -it $label-init bash --norc -i"
# Started at the second attempt, by way of the shell.
check "so has a script whose first line names none" says 'got hello' \
    typed hello "$docker run --rm --label $label -it --entrypoint sh $label-init -c \
        'echo \"read word </dev/tty; echo got \\\$word\" >/tool; chmod 755 /tool; exec codetainer init -- /tool'"
check "Ctrl-Z does not strand a command where no shell is around init" says 'second' \
    docker run --rm --label $label --tty $label-init sh -c 'echo first; kill -TSTP 0; echo second'
check "nor does one that stops itself" says 'second' \
    timeout 20 "$docker" run --rm --label $label --tty $label-init sh -c 'echo first; kill -STOP $$; echo second'
docker rm --force "$label-obeys" "$label-group" "$label-stops" >/dev/null
