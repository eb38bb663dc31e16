# shellcheck shell=bash
# shellcheck disable=SC2016 # what a container's shell expands
# Rows 29, 31 and 32 where they are races: a boot that is stopped, killed or ended at each stage, what
# an earlier run planted in volumes, and floods. The program and the image are threats-process.sh's.
echo '-- threats: races'
# PID 1 in slow motion: after each line that it writes it pauses for 150 ms.
slowly() { # NAME
    docker run --detach --name "$label-$1" --label $label "${capabilities[@]}" "${apparmor[@]}" \
        --cap-add SYS_PTRACE --env CODETAINER_PROFILE=shell --network $label --dns "${v4}53" \
        --entrypoint strace $label-developer -D -o /dev/null -e trace=write \
        -e inject=write:delay_exit=150000 /usr/local/bin/codetainer init
} >/dev/null
interrupt() { # SIGNAL STAGE: sent when the stage's line is written
    slowly "$1-$2"
    exec 3< <(exec timeout 30 "$docker" logs --follow "$label-$1-$2" 2>&1)
    grep --max-count 1 --fixed-strings "$(printf '[%2d/11]' "$2")" <&3
    docker kill --signal "$1" "$label-$1-$2"
    kill $! || : # it has ended where the container has
} >/dev/null 2>&1
stages='1 2 3 4 5 6 7 8 9 10 11'
for signal in STOP KILL TERM; do
    for stage in $stages; do interrupt $signal "$stage" & done
    wait
done
ended() { # SIGNAL: the code of each
    local stage
    for stage in $stages; do
        docker inspect --format '{{.State.Status}} {{.State.ExitCode}}' "$label-$1-$stage"
    done
}
over() { ! ended "$1" | grep -qv exited; }
check "T32 a boot that is killed ends the container, at each stage" all 11 '^exited 137$' ended KILL
within 15 over TERM >/dev/null
check "T32 so does SIGTERM" all 11 '^exited 143$' ended TERM
check "T32 one that is stopped stays" all 11 '^running' ended STOP
stopped() {
    local stage
    for stage in $stages; do
        if [ "$stage" -lt 3 ]; then
            docker top "$label-STOP-$stage" -eo pid,user,comm | awk 'NR > 1 { print $2, $3 }' | sort | xargs
        else
            docker exec --user claude "$label-STOP-$stage" timeout 5 bash -c ": >/dev/tcp/${v4}66/443" 2>&1 |
                grep -o --max-count 1 'Connection refused'
        fi
    done
}
check "T32 with nobody in it before the lockdown, and closed from then on" all 11 \
    '^root codetainer root strace$|^Connection refused$' stopped
check "T32 what is refused is open outside" try "${v4}66" 443
for stage in $stages; do docker kill --signal CONT "$label-STOP-$stage" >/dev/null & done
wait
resumed() {
    local stage
    for stage in $stages; do within 20 ready "STOP-$stage" && docker exec "$label-STOP-$stage" status | head -1; done
}
check "T32 and is locked when it goes on" all 11 '^LOCKED' resumed
docker ps --quiet --filter "name=$label-STOP-" | xargs "$docker" rm --force >/dev/null

# Volumes outlive the container: what is in them is an agent's of an earlier run, or worse.
volumes=()
for place in home/claude workspace tmp; do
    docker volume create --label $label "$label-${place//\//-}" >/dev/null
    volumes+=(--volume "$label-${place//\//-}:/$place")
done
docker run --rm "${volumes[@]}" "${attack[@]}" --entrypoint sh $label-world -c '
    cd /home/claude && ln -s /etc/passwd .bashrc && ln -s /etc/shadow .profile &&
        ln -s /etc/group ..bashrc.new && ln -s /etc/codetainer .claude && ln -s /etc .npmrc
    cp -p /opt/attack/set-id . && mknod -m 666 null c 1 3
    cd /workspace && ln -s /etc repo && cp -p /opt/attack/set-id . && chmod 755 .
    cd /tmp && ln -s /etc tmux-1000 && ln -s /run/codetainer .codetainer-probe && ln -s /etc default
    chown -hR 1000:1000 /home/claude /workspace/repo /tmp/tmux-1000
    chown 0:0 /home/claude/set-id && chmod 6755 /home/claude/set-id && chmod 666 /home/claude/null'
cage "${volumes[@]}" --detach --name $label-planted --env REPO_URL=https://git.test/project.git >/dev/null
within 20 ready planted >/dev/null
planted() { docker exec $label-planted "$@"; }
check "T29 a boot among planted links comes to a cage" says '^LOCKED' planted status
check "T29 that wrote nothing through them" silent sh -c "$docker diff $label-planted | grep -vE '^C /(opt|usr|usr/local|usr/local/bin|etc|etc/ssl|etc/ssl/certs)$|^[AC] /(opt/network|usr/local/bin/attack|run)'; true"
same_files() { # CONTAINER-COMMAND…
    "$@" sha256sum /etc/passwd /etc/shadow /etc/group /etc/codetainer/profiles/shell.toml
}
unchanged() { [ "$(same_files planted)" = "$(same_files docker run --rm --entrypoint env "$image")" ] && same_files planted; }
check "T29 root's files are the image's" says passwd unchanged
check "T29 the agent's files are its own" says '^regular file 1000$' \
    planted stat --format '%F %u' /home/claude/.bashrc
check "T29 a clone into a planted link fails" says 'was not cloned' docker logs $label-planted
check "T33 a set-id program in a volume gains nothing" says '^euid 1000' \
    agent_of planted '$HOME/set-id whoami; /workspace/set-id whoami'
check "T33 a device in a volume is none" fails 1 'Permission denied' agent_of planted 'echo >~/null'
check "T33 as it is outside" docker run --rm "${volumes[@]}" --user 1000:1000 --entrypoint sh $label-world \
    -c 'echo >/home/claude/null && /home/claude/set-id whoami | grep "euid 0"'
claude_planted() {
    caged --rm "${volumes[@]}" --env CODETAINER_PROFILE=claude-code --env GH_PAT=$token \
        --env CLAUDE_CODE_OAUTH_TOKEN=x
}
check "T29 a link in the place of a root-owned file's directory stops boot" \
    fails 71 '/home/claude/.claude.*(symbolic links|loop)' claude_planted

# Floods, in a container with limits of its own, so that they are over soon and nobody else's.
limits=(--memory 512m --pids-limit 2000)
for place in /tmp /workspace /home/claude; do limits+=(--tmpfs "$place:size=8m,exec,uid=1000,mode=1777"); done
cage "${attack[@]}" "${limits[@]}" --detach --name $label-flood >/dev/null
within 20 ready flood >/dev/null
join flood flooded
flooded() { docker exec $label-flood "$@"; }
resolves() { docker exec $label-flooded dig +tries=1 +time=3 +short allowed.test; }
refuses_still() { fails 111 'Connection refused' docker exec $label-flooded attack 2 1 6 to "${v4}66" 443; }
flood() { # LIMIT: six seconds of it; the first is over when it returns
    agent_of flood "ulimit -u $1; setsid /opt/attack/escape flood 6 </dev/null >/run/user/1000/flood 2>&1 &"
    sleep 1
}
flood 1500
check "T31 the agent's limit ends a flood of processes" \
    within 5 says 'processes, then EAGAIN' flooded cat /run/user/1000/flood
check "T31 status answers meanwhile" says '^LOCKED' flooded status
check "T31 the resolver, too" says "^${v4}10$" resolves
check "T31 and what is refused stays refused" refuses_still
calm() { ! docker top $label-flood -eo pid,comm | grep -q escape; }
within 15 calm
flood 8000
check "T31 so does the container's" within 5 says 'processes, then EAGAIN' flooded cat /run/user/1000/flood
check "T31 where PID 1 lives on" within 5 says LOCKED flooded codetainer health
check "T31 and the resolver" says "^${v4}10$" resolves
within 15 calm
check "T31 memory ends with the one who takes it" says Killed agent_of flood 'perl -e "\$x = q(a) x 2e9"; true'
# Through a file that no process maps, so that whoever fills it stays smaller than PID 1.
filler='$n = "x"; $f = syscall(319, $n, 0); use POSIX; POSIX::dup2($f, 1); exec qw(dd if=/dev/zero bs=64k)'
check "T31 so does memory that is taken through a file" fails 137 '' flooded codetainer enter -- perl -e "$filler"
check "T31 where PID 1 lives on, too" within 5 says LOCKED flooded codetainer health
check "T31 the agent is who the kernel ends first" says '^1000$' flooded codetainer enter -- cat /proc/self/oom_score_adj
# A runner that waits is spared, and the agent that it starts then is not.
runner='pgrep -f ^/usr/local/bin/codetainer.run-agent'
flooded sh -c "pkill -KILL -P \$($runner)"
scores() { flooded sh -c "for each in \$($runner) \$(pgrep -P \$($runner)); do cat /proc/\$each/oom_score_adj; done" | tr '\n' ' '; }
waits() { docker exec --user claude $label-flood tmux -S "$tmux_socket" capture-pane -p -t %0 | grep 'Press Enter'; }
within 5 waits >/dev/null
docker exec --user claude $label-flood tmux -S "$tmux_socket" send-keys -t %0 Enter
check "T31 so is one that was started again, and not its runner" within 5 says '^500 1000 $' scores
check "T31 and cannot change that" fails '[12]' 'Permission denied' flooded codetainer enter -- sh -c 'echo 0 >/proc/self/oom_score_adj'
check "T31 as what is no agent can" says '^300$' flooded sh -c 'echo 300 >/proc/self/oom_score_adj; cat /proc/self/oom_score_adj'
check "T31 every writable place is full in the end" all 4 'No space left on device' agent_of flood '
    for place in ~ /workspace /run/user/1000; do head -c 64M /dev/zero >$place/full; done 2>&1 |
        grep -o "No space left on device"
    { head -c 64M /dev/zero >/tmp/full; } 2>&1 | grep -o "No space left on device" >&2 # /tmp has this, too
    rm -f /tmp/full'
check "T31 status answers when all is full" says '^LOCKED' flooded status
check "T31 the policy can be changed" flooded codetainer allow late.test
check "T31 and nothing has ended meanwhile" json flood '.resolver.restarts == 0'
flooded sh -c 'kill -SEGV $(codetainer status --json | jq .resolver.pid)'
check "T32 a resolver that crashes is back" within 5 says "^${v4}10$" resolves
agent_of flood 'kill -9 -1' >/dev/null 2>&1
check "T32 the agent ends what is its own" within 5 fails 1 '' flooded pgrep -u claude
check "T32 and nothing else" fails 1 '"reasons":."the session.s tmux server is gone".' flooded codetainer health
check "T32 which stays closed" refuses_still
check "T32 and says that the session is gone" json flood '.session.state == "gone"'
docker rm --force --volumes $label-planted $label-flood $label-flooded >/dev/null
