# shellcheck shell=bash
# shellcheck disable=SC2016 # what a container's shell expands
# Any image: the two lines of the README in images that were not made for it, and what their commands
# can do then, next to the same commands without us.
echo '-- any image'
for kind in debian nothing busybox; do
    docker build --quiet --build-arg "IMAGE=$image" --target on-$kind --tag $label-on-$kind cage
done >/dev/null

# any KIND OPTION… -- COMMAND: in the cage, on the world's network; uncaged KIND …: without us.
any() { run_any "$label-on-$1" "${@:2}"; }
uncaged() {
    case $1 in
        nothing) run_any $label-on-nothing --entrypoint /probe "${@:2}" ;;
        *) run_any "$label-on-$1" --entrypoint env "${@:2}" ;;
    esac
}
run_any() {
    local name=$1 options=()
    shift
    while [ $# -gt 0 ] && [ "$1" != -- ]; do options+=("$1"); shift; done
    [ $# = 0 ] || shift
    timeout 40 "$docker" run --rm --label $label --network $label --dns "${v4}53" \
        "${capabilities[@]}" "${apparmor[@]}" "${options[@]}" "$name" "$@"
}
rules=(--volume "$scratch/domains.conf:/opt/network/domains.conf:ro")
allowed=${v4}13 denied=${v4}12 # the first is in the allowlist as an address

# keep NAME COMMAND…: sets its output, with its code, aside; it said REGEX, or not.
keep() {
    local name=$1 status=0
    shift
    "$@" >"$scratch/$name.said" 2>&1 || status=$?
    printf 'code %s\n' "$status" >>"$scratch/$name.said"
}
said_in_order() { # CAGE LINE LINE
    [ "$(docker logs "$label-$1" 2>/dev/null | grep -xE "$2|$3" | xargs)" = "$2 $3" ]
}
said() { cat "$scratch/$1.said"; grep -qE -- "$2" "$scratch/$1.said"; }
not_said() { ! said "$1" "$2"; }
confined() { # NAME UID GID
    local sets='^Cap(Inh|Prm|Eff|Bnd|Amb):	0{16}$'
    said "$1" "^uid $2 gid $3 groups 1$" && said "$1" '^NoNewPrivs:	1$' && said "$1" '^Seccomp:	2$' &&
        [ "$(grep -cE "$sets" "$scratch/$1.said")" = 5 ]
}

# Nothing but a static program: no /tmp, no passwd, no shell, no libc.
acts=(id ask allowed.test ask denied.test connect "$allowed" 443 connect "$denied" 443
    write /x write /tmp/x environment exit 7)
keep nothing any nothing "${rules[@]}" --env CODETAINER_ON_EXIT= --env OWN=yes -- /probe "${acts[@]}"
keep uncaged uncaged nothing -- "${acts[@]}"
check "a scratch image boots, and its program is confined" confined nothing 1000 1000
check "without us it is root with capabilities" said uncaged '^CapEff:	.*[1-9a-f]'
check "it has an answer for an allowed name" said nothing '^ask allowed.test: rcode 0, [0-9.]+$'
check "and none for a denied one" said nothing '^ask denied.test: rcode 3, no address$'
check "which exists without us" said uncaged '^ask denied.test: rcode 0, [0-9.]+$'
check "it reaches an allowed address" said nothing "^connect $allowed: done"
check "and no other" said nothing "^connect $denied: Connection refused"
check "which it reaches without us" said uncaged "^connect $denied: done"
check "the root is read-only" said nothing '^write /x: Read-only file system'
check "which is writable without us" said uncaged '^write /x: done'
check "/tmp is there, and writable" said nothing '^write /tmp/x: done'
check "and is missing without us" said uncaged '^write /tmp/x: No such file'
check "the environment is the image's" said nothing '^OWN=yes$'
check "but for what is ours" not_said nothing '^CODETAINER_'
check "and home is /tmp" said nothing '^HOME=/tmp$'
check "the program's code is the container's" said nothing '^code 7$'
keep chosen any nothing --env CODETAINER_USER=4000:5000
check "its uid is chosen" confined chosen 4000 5000
check "an allowlist that is missing is said" said chosen 'no host is allowed: .*CODETAINER_ALLOW='
check "an end by a signal is 128 and its number" fails 134 '' any nothing -- /probe signal 6
check "a command that is not there is 127" fails 127 '/nonesuch: command not found' any nothing -- /nonesuch
check "one that cannot be run is 126" fails 126 '/tmp: not an executable' any nothing -- /tmp
through() { echo through | any nothing --interactive -- /probe hold; }
check "standard input is the program's" says '^through$' through

# Life, and an operator's commands, where there are no links, no shell and no passwd.
detached() { # NAME OPTION… IMAGE COMMAND
    docker run --detach --name "$label-$1" --label $label --network $label --dns "${v4}53" \
        "${capabilities[@]}" "${apparmor[@]}" "${rules[@]}" "${@:2}" >/dev/null
}
detached nothing $label-on-nothing /probe trap 9 sleep 600
in_nothing() { docker exec $label-nothing codetainer "$@"; }
check "status knows a headless agent" within 10 says 'running for .*, headless: /probe trap 9 sleep 600$' in_nothing status
check "all of it is on" json nothing '.verdict == "LOCKED" and all(.layers[]; .state == "on")'
check "health is good" in_nothing health
check "verify stops every attack" in_nothing verify
check "attach says that there is nothing to attach to" fails 1 'its agent is headless' in_nothing attach
check "docker stop takes less than a second" below 1000 stop nothing
check "and ends with the program's own code" says '^9$' code nothing
docker start $label-nothing >/dev/null
check "it starts once more" within 10 in_nothing health
docker kill --signal INT $label-nothing >/dev/null
check "a signal that is no request to stop is the program's" within 5 says '^130$' code nothing
detached rewritten --entrypoint codetainer $label-on-nothing init --cage --rewrite TERM:USR1 \
    --expect-exit 138 -- /probe sleep 600
within 10 docker exec $label-rewritten codetainer health >/dev/null
check "options of init hold in the cage" below 1000 stop rewritten
check "so that another signal's code is a success" says '^0$' code rewritten

# A reload that is asked for while boot tries its cage waits until that is over.
reloading() {
    docker create --name $label-early --label $label "${capabilities[@]}" "${apparmor[@]}" --entrypoint codetainer \
        $label-on-nothing init --cage --verbose -- /probe trap 9 sleep 600 && docker start $label-early &&
        for _ in 1 2 3; do docker kill --signal HUP $label-early; done
}
check "SIGHUP comes during boot" reloading
check "which goes on to its end" within 10 docker exec $label-early codetainer health
check "and then the policy is read again" within 5 logged early 'reload: 0 rules in force'
check "as it is later" eval 'docker exec $label-early codetainer reload && stop early && says "^9$" code early'

# Under the runner that starts a command again options of init hold as well, and every signal is the command's.
hears='for i in USR1 USR2 ALRM URG PIPE WINCH 40; do trap "echo $0 $i" $i; done; echo up; while :; do sleep 0.05; done'
anew() { # NAME OPTION…
    detached "$1" --env CODETAINER_ON_EXIT=restart --entrypoint codetainer $label-on-debian init --cage "${@:2}" -- \
        bash -c '(exec bash -c "$0" child) & exec bash -c "$0" command' "$hears"
    within 10 eval '[ "$(docker logs "$label-$1" 2>/dev/null | grep -cx up)" = 2 ]'
    for signal in USR1 WINCH ALRM URG PIPE RTMIN+6; do docker kill --signal $signal "$label-$1" && sleep 0.2; done
} >/dev/null
got() { # NAME LINES
    [ "$(docker logs "$label-$1" 2>/dev/null | grep -v '^up$' | sort | paste -s -d ,)" = "$2" ]
}
anew again --rewrite USR1:USR2 --rewrite WINCH:0
check "a command that is started again gets the signals that it asked for" within 5 got again \
    'command 40,command ALRM,command PIPE,command URG,command USR2'
docker exec $label-again sh -c 'kill -SEGV 1' && sleep 0.5 && docker kill --signal RTMIN+6 $label-again >/dev/null
check "after a trap of PID 1's too" within 5 eval '[ "$(docker logs $label-again 2>/dev/null | grep -cx "command 40")" = 2 ]'
check "it ends when it is stopped" below 1000 stop again
check "with SIGTERM's code" says '^143$' code again
anew crowd --group --rewrite USR1:USR2 --rewrite WINCH:0
check "and so does its process group, where that is asked for" within 5 got crowd \
    'child 40,child ALRM,child PIPE,child URG,child USR2,command 40,command ALRM,command PIPE,command URG,command USR2'
docker rm --force $label-again $label-crowd >/dev/null

# As Alpine is: busybox, and an account called agent.
tour='id; cd; echo x >x && pwd; nslookup -type=a allowed.test; nslookup -type=a denied.test
    nc -w 3 $0 443 </dev/null && echo allowed reached; nc -w 3 $1 443 </dev/null && echo denied reached
    ps -o user,comm; wget -q -O - https://denied.test; sleep 300 & exit 3'
begin=$SECONDS
keep busybox any busybox "${rules[@]}" -- sh -c "$tour" "$allowed" "$denied"
keep free uncaged busybox -- sh -c "$tour" "$allowed" "$denied"
check "busybox runs as the image's agent" said busybox '^uid=1234\(agent\) gid=1234'
check "its home is its own, and in memory" said busybox '^/home/agent$'
check "its nslookup has the allowed name" said busybox '^Name:	allowed.test'
check "and not the denied one" said busybox "can't find denied.test: NXDOMAIN"
check "which it has without us" said free '^Name:	denied.test'
check "it reaches the allowed address" said busybox '^allowed reached'
check "and no other" not_said busybox '^denied reached'
check "which it reaches without us" said free '^denied reached'
check "its wget finds no denied name" said busybox "wget: bad address 'denied.test'"
check "its ps sees no process of others" not_said busybox '^root'
check "which it sees without us" said free '^root'
check "its code is the container's" said busybox '^code 3$'
check "and what it left in the background goes with it" below 30 echo $((SECONDS - begin))

# Debian: ENTRYPOINT, CMD, ENV and WORKDIR as Docker has them.
keep cmd any debian "${rules[@]}"
printf 'from CMD\ncode 0\n' >"$scratch/expected"
check "CMD runs, and says what it says alone" diff "$scratch/expected" "$scratch/cmd.said"
printf 'its own\n' >"$scratch/cage-own"
keep debian any debian "${rules[@]}" --volume /data --volume /other --env CODETAINER_WRITABLE=/data:/var/cache/app \
    --volume "$scratch/cage-own:/run/secrets/own:ro" -- sh -c 'echo "$PWD $GREETING $(cat file)"
    echo "$(id -un) $HOME $(ls /home/node)"; echo one >/dev/stdout; echo two >/dev/stderr; ls --help
    for place in /var/cache/app /var/cache /data /other; do echo >$place/x && echo "wrote $place"; done
    cat /run/secrets/own'
check "WORKDIR and ENV are the image's" said debian '^/srv/app hello there kept$'
check "the account of the uid is its own, with a home that hides nothing" said debian '^node /tmp app$'
check "/dev/stdout can be opened" said debian '^one$'
check "/dev/stderr, too" said debian '^two$'
check "options of the command are its own" said debian '^Usage: ls'
check "a path that is asked for is writable" said debian 'wrote /var/cache/app$'
check "none beside it is" said debian '/var/cache/x: Read-only file system'
check "a volume that is asked for is writable" said debian 'wrote /data$'
check "no other is" said debian '/other/x: Read-only file system'
check "a secret of the program's stays where it is" said debian '^its own$'
check "help has the options" says '^ +--writable <path>' docker run --rm --entrypoint codetainer \
    $label-on-debian init --cage --help

# A command is found and run as plain init, and execvp(3), do it.
printf 'echo "read $*"; exit 4\n' >"$scratch/noline" && chmod 755 "$scratch/noline"
found() { # PATH OPTION…
    any debian --volume "$scratch/noline:/srv/app/noline:ro" --env "PATH=$1" "${@:2}" -- noline by it
}
check "a script whose first line names no shell is read by one" fails 4 '^read by it$' found /srv/app:/usr/local/bin
check "also where it is started again" eval 'timeout 3 "$docker" run --rm --label $label "${capabilities[@]}" "${apparmor[@]}" \
    --volume "$scratch/noline:/srv/app/noline:ro" --env PATH=/srv/app:/usr/local/bin --env CODETAINER_ON_EXIT=restart --name $label-noline \
    $label-on-debian noline by it | grep -m 1 -x "read by it"'
check "an empty part of PATH is the working directory" fails 4 '^read by it$' found /usr/local/bin::/bin
check "which nothing else is" fails 127 'noline: command not found' found /usr/local/bin:/bin
docker rm --force $label-noline >/dev/null 2>&1

# What cannot be.
check "USER is said, with what to do" fails 77 'PID 1 has uid 1000.*--user 0.*CODETAINER_USER' any debian --user 1000
check "root is nobody's agent" fails 78 'must have neither 0' any debian --env CODETAINER_USER=0
check "what is root's stays so" fails 78 '"/etc" holds or is /etc/passwd' any debian --env CODETAINER_WRITABLE=/etc
check "a command that is missing is said" fails 64 'no command given' docker run --rm \
    --entrypoint codetainer $label-on-debian init --cage
# latin ASSIGNMENT: from a shell, for docker itself would make UTF-8 of it.
latin() {
    any debian --entrypoint bash -- -c "$1"'; exec codetainer init --cage -- printf %s "$word"'
}
check "a word that is not UTF-8 is refused, and none is changed" fails 64 'word 6 is not UTF-8' latin 'word=$'"'caf\xe9'"
check "so is a variable" fails 78 'the variable PLACE is not UTF-8' latin 'export PLACE=$'"'caf\xe9'"
check "what is UTF-8 passes" says '^café$' latin "word=café"
without_admin() { local capabilities=(--cap-add SYS_ADMIN); any debian; }
check "a missing capability is said" fails 77 'CAP_NET_ADMIN.*--cap-add NET_ADMIN' without_admin
check "a read-only root without /run and /tmp is said" fails 71 \
    'the image lacks it and its root is read-only: add `--tmpfs /run`' any nothing --read-only
check "and boots with them" says '^write /tmp/x: done' any nothing --read-only --tmpfs /run --tmpfs /tmp \
    -- /probe write /tmp/x

# A terminal: a shell with job control.
keep screen timeout 60 python3 cage/terminal.py "$docker" run --rm --interactive --tty --label $label \
    "${capabilities[@]}" "${apparmor[@]}" --env TERM=dumb $label-on-debian bash --norc
check "the window's size arrives" said screen '^37 101'
check "and its changes" said screen '^41 99'
check "Ctrl-C ends what is in the foreground, and not the shell" said screen '^after-interrupt 130'
check "Ctrl-Z stops it" said screen 'Stopped +sleep 71'
check "and fg brings it back" said screen '^after-fg 130'
check "the shell has job control" not_said screen 'no job control'
check "and may open its terminal" said screen '^opened-terminal'
check "Ctrl-Z does not stop a program without a shell" said screen '(^|Z)lone 3$'
check "its code is the container's" said screen '^ended 5$'

# A headless agent of a profile, without tmux.
sed 's/^session = .*/headless = true/; s/^on-exit = .*/on-exit = "restart"/
    s/^command = .*/command = ["sh", "-c", "echo service $$; echo x >>~\/runs; exec sleep 1"]/' \
    ../../profiles/shell.toml >"$scratch/headless.toml"
headless=(--env CODETAINER_PROFILE=/etc/codetainer/headless.toml
    --volume "$scratch/headless.toml:/etc/codetainer/headless.toml:ro")
cage --detach --name $label-headless "${headless[@]}" >/dev/null
twice() { [ "$(docker exec $label-headless grep -c x /home/claude/runs)" -gt 1 ]; }
check "a headless agent is restarted as its profile has it" within 15 twice
check "its output is the container's log" says '^service [0-9]+$' docker logs $label-headless
check "status knows it" json headless '.verdict == "LOCKED" and .session.isHeadless'
check "docker stop takes less than a second there" below 1000 stop headless
sed -i 's/^on-exit = .*/on-exit = "end"/; s/exec sleep 1/exit 6/' "$scratch/headless.toml"
check "or the container ends with its code" fails 6 '^service [0-9]+$' cage --rm "${headless[@]}"

# What a program on a terminal, or on the log's pipe, could do to PID 1.
join='setpgrp(0, 1) ? print "joined\n" : print "$!\n"'
check "no program on a terminal joins PID 1's process group" says '^Operation not permitted' \
    any debian --tty -- perl -e "$join"
check "which it does under a bare init" says '^joined' \
    run_any $label-on-debian --tty --entrypoint codetainer -- init -- perl -e "$join"
check "nor reads what PID 1 logs" fails 1 'Permission denied' any debian -- bash -c 'exec 9</proc/self/fd/2 && echo reads'
check "which it does without us" says '^reads' uncaged debian -- bash -c 'exec 9</proc/self/fd/2 && echo reads'
check "but writes there, by its name too" says '^written' any debian -- bash -c 'echo written >/dev/stderr'

# A program that ignores SIGTERM has its grace; a shell on a terminal, which does so too, obeys SIGHUP.
detached stubborn --env CODETAINER_STOP_TIMEOUT=3s $label-on-debian \
    bash -c 'trap "" TERM; echo up; while :; do sleep 0.05; done'
within 10 logged stubborn '^up$' >/dev/null
check "a program that ignores SIGTERM has its grace" eval '[ "$(stop stubborn)" -gt 1000 ]'
detached expected --env CODETAINER_STOP_TIMEOUT=2s --entrypoint codetainer $label-on-debian init --cage \
    --expect-exit 143 -- bash -c 'trap "" TERM; echo up; while :; do sleep 0.05; done'
within 10 logged expected '^up$' >/dev/null
stop expected >/dev/null
check "and where SIGTERM's code is expected, that is a success" says '^0$' code expected
docker rm --force $label-expected >/dev/null

ignored() { any debian "$@" -- grep SigIgn /proc/self/status; }
check "it ignores no signal from the start" says '^SigIgn:.0{16}$' ignored
check "nor where it is started again" eval 'timeout 3 "$docker" run --rm --name $label-ignored --label $label "${capabilities[@]}" \
    "${apparmor[@]}" --env CODETAINER_ON_EXIT=restart $label-on-debian grep SigIgn /proc/self/status | grep -m 1 -E "^SigIgn:.0{16}$"'
docker rm --force $label-ignored >/dev/null 2>&1
own_code() { detached own $label-on-debian sh -c 'trap "exit 129" TERM; echo up; while :; do sleep 0.05; done' &&
    within 10 logged own '^up$' && stop own && says '^129$' code own; }
detached kept --env CODETAINER_ON_EXIT=keep $label-on-debian sh -c 'echo up; exit 9'
within 10 logged kept '^up$' >/dev/null
check "health knows a program that has ended" within 5 fails 1 'the agent has ended with code 9' docker exec $label-kept codetainer health
docker rm --force $label-kept >/dev/null
check "a code of the program's own is the container's, whatever number it is" own_code
check "one that SIGKILL ended has SIGTERM's" says '^143$' code stubborn
docker rm --force $label-own $label-stubborn >/dev/null

# What an operator stops stays stopped; what stops itself goes on, also where it has ignored the operator.
is_stopped() { docker exec "$label-$1" sh -c 'grep -qs "^State:.T" /proc/[0-9]*/status'; }
detached obeys $label-on-debian sh -c 'trap "kill -STOP \$\$" TSTP; echo up; while :; do sleep 0.05; done'
detached shrugs $label-on-debian sh -c 'trap "" TSTP; echo up; sleep 2.5; kill -STOP $$; echo went on'
within 10 logged obeys '^up$' >/dev/null && within 10 logged shrugs '^up$' >/dev/null
docker kill --signal TSTP $label-obeys $label-shrugs >/dev/null
check "a program that an operator stops is stopped" within 5 is_stopped obeys
check "one that ignores that and stops itself goes on" within 6 logged shrugs '^went on$'
check "the other one stays stopped" is_stopped obeys
docker kill --signal CONT $label-obeys >/dev/null
check "until it is continued" within 5 eval '! is_stopped obeys'
docker rm --force $label-obeys $label-shrugs >/dev/null

# A signal is the command's alone, as under any init: what it leaves is told when it has ended.
detached alone $label-on-debian bash -c '(trap "" HUP; trap "echo told; exit" TERM; while :; do sleep 0.05; done) &
    trap "sleep 0.3; echo over; exit 3" TERM; for i in PIPE TTIN TTOU; do trap "echo $i" $i; done; echo up; while :; do sleep 0.05; done'
within 10 logged alone '^up$' >/dev/null
for signal in PIPE TTIN TTOU; do docker kill --signal $signal $label-alone >/dev/null; done
got_all() { docker logs $label-alone 2>/dev/null | grep -cE '^(PIPE|TTIN|TTOU)$' | grep -qx 3; }
check "it gets those of pipes and terminals as well" within 5 got_all
stop alone >/dev/null
check "a signal is the command's, and its children's only when it has ended" said_in_order alone over told
check "the code is its own" says '^3$' code alone
docker rm --force $label-alone >/dev/null
