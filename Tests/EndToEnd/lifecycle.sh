# shellcheck shell=bash
# Sizes, signals and ends.
echo '-- lifecycle'
size() { docker run --rm --entrypoint stat "$image" -c %s /usr/local/bin/codetainer; }
check "the binary is smaller than 17 MiB" below $((17 * 1024 * 1024)) size
check "it tells its version in an empty root without /proc" says '[0-9]+\.[0-9]+' \
    docker run --rm --entrypoint sh "$image" -c \
    'mkdir /void && cp /usr/local/bin/codetainer /void && chroot /void /codetainer --version'

# Read from a container of the same process namespace: PID 1 lets nobody inside look.
resident() {
    docker run --rm --cap-add SYS_PTRACE --pid "container:$label-bare" --entrypoint awk $label-world \
        '/^Pss:/ { sum += $2 } END { print sum / 1024 }' /proc/1/smaps_rollup \
        "/proc/$(docker exec $label-bare codetainer status --json | jq .resolver.pid)/smaps_rollup"
}
check "PID 1 and the resolver hold less than 12 MiB" below 12 resident

check "docker stop takes less than a second" below 1000 stop agent
check "the exit code is SIGTERM's" says '^143$' code agent

# An agent that obeys in its own way.
sed 's/^command = .*/command = ["sh", "-c", "trap \\"exit 7\\" TERM; while :; do sleep 0.05; done"]/' \
    ../../profiles/shell.toml >"$scratch/seven.toml"
cage --detach --name $label-seven --env CODETAINER_PROFILE=/etc/codetainer/seven.toml \
    --volume "$scratch/seven.toml:/etc/codetainer/seven.toml:ro" >/dev/null
check "an agent with a trap runs" within 10 runs seven
check "it is stopped in less than a second" below 1000 stop seven
check "the exit code is the agent's own" says '^7$' code seven

# One that ignores the request has its grace, in tmux as well; the shell above is no such.
sed "s/^command = .*/command = ['perl', '-e', '\$SIG{TERM} = q(IGNORE); sleep 1 while 1']/" ../../profiles/shell.toml >"$scratch/ignoring.toml"
cage --detach --name $label-ignoring --env CODETAINER_PROFILE=/etc/codetainer/ignoring.toml --env CODETAINER_STOP_TIMEOUT=3s \
    --volume "$scratch/ignoring.toml:/etc/codetainer/ignoring.toml:ro" >/dev/null
check "an agent that ignores SIGTERM runs" within 10 runs ignoring
check "it has its grace" eval '[ "$(stop ignoring)" -gt 1000 ]'
check "and the code is SIGTERM's" says '^143$' code ignoring

# One that ends before boot has.
at_once() { # CODE COMMAND
    sed "s|^command = .*|command = $2|; s|^on-exit = .*|on-exit = \"end\"|" ../../profiles/shell.toml >"$scratch/at-once.toml"
    fails "$1" 'ended with code' cage --env CODETAINER_PROFILE=/etc/codetainer/at-once.toml \
        --volume "$scratch/at-once.toml:/etc/codetainer/at-once.toml:ro"
}
check "an agent that ends at once ends the container with its code" at_once 42 '["sh", "-c", "exit 42"]'
check "so does one that is not there" at_once 127 '["nosuchthing"]'

cage --detach --name $label-slow --env REPO_URL=https://slow.test/project.git >/dev/null
check "a boot under way is BOOTING" within 10 json slow '.verdict == "BOOTING"'
check "meanwhile the policy stays as it is" fails 78 'boot is under way: ask again' docker exec $label-slow codetainer reload
check "whoever asks" fails 78 'boot is under way' docker exec $label-slow codetainer allow denied.test
tmux -L $label -f /dev/null new-session -d -x 120 -y 40 "$docker exec -it $label-slow attach; read"
waiting() { tmux -L $label capture-pane -p | grep -E 'workspace|verify'; }
check "attach shows the stages meanwhile" within 10 waiting
check "docker stop during boot takes less than a second" below 1000 stop slow
check "the exit code is SIGTERM's then, too" says '^143$' code slow
tmux -L $label kill-server
