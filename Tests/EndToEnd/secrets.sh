# shellcheck shell=bash
# Where secrets are and where not: one for git from the environment, one for the agent and one for
# nobody from files.
echo '-- secrets'
planted=(ghp_E2e7Qx4mW9zKv2Rt8Lp3 oauth_Hn5Jb1Yc6Df0Gs4Ua9 hidden_Ti2Oe8Pw3Nq7Zx5)
cat >"$scratch/secrets.toml" <<'TOML'
name = "secrets"
user = { name = "claude" }
agent = { command = ["bash", "-l"], session = "shell" }
writable = ["/data"]
secret = [
    { name = "GH_PAT", credential = { host = "github.com", username = "x-access-token" } },
    { name = "OAUTH", expose = ["OAUTH"] },
    { name = "HIDDEN", credential = { host = "git.test:8443", username = "h" } },
]
tmpfs = [
    { path = "/workspace", size = "16M" }, { path = "/home/claude", size = "16M", mode = "0700" },
    { path = "/tmp", size = "16M", owner = "root", mode = "1777" },
]
TOML
for number in 1 2; do
    printf '%s\n' "${planted[number]}" >"$scratch/secret$number"
    chmod 444 "$scratch/secret$number"
done
mkdir "$scratch/shelf"
cp "$scratch/secret2" "$scratch/shelf/hidden"
chmod 755 "$scratch" "$scratch/shelf"
secretive() { # NAME OPTION…
    caged --name "$label-$1" --env CODETAINER_PROFILE=/etc/codetainer/secrets.toml \
        --volume "$scratch/secrets.toml:/etc/codetainer/secrets.toml:ro" \
        --env "GH_PAT=${planted[0]}" --volume "$scratch/secret1:/run/secrets/OAUTH:ro" \
        --env HIDDEN_FILE=/mnt/shelf/hidden --volume "$scratch/shelf:/mnt/shelf:ro" "${@:2}"
}
secretive secrets --detach --dns "$bridge" >/dev/null
keeper() { docker exec $label-secrets "$@"; }
resident_agent() { # SHELL-COMMAND: below the agent's tmux server
    docker exec --user claude $label-secrets sh -c '
        printf "%s\n" "$2" >/tmp/check.sh
        tmux -S "$1" run-shell "bash /tmp/check.sh >/tmp/check.out 2>&1"
        status=$?; cat /tmp/check.out; rm /tmp/check.out; exit $status' - "$tmux_socket" "$1"
}
credential() { resident_agent "codetainer credential $1"; }
ask_git() { resident_agent "printf '$1' | GIT_TERMINAL_PROMPT=0 codetainer credential get"; }
scan() { # PID WORD…
    docker run --rm --cap-add SYS_PTRACE --pid "container:$label-secrets" \
        --volume "$PWD/world/scan:/usr/local/bin/scan:ro" --entrypoint scan $label-world "$@"
}
environments() { # of all but the agent's processes
    docker run --rm --cap-add SYS_PTRACE --pid "container:$label-secrets" --entrypoint sh $label-world -c '
        for process in /proc/[0-9]*; do
            [ "$(stat -c %u "$process")" = "$1" ] && [ "${process#/proc/}" != "$$" ] || continue
            tr "\0" "\n" <"$process/environ"; tr "\0" "\n" <"$process/cmdline"
        done' - "$1"
}
finds() { # WORD COMMAND…: the command's output has it
    local output
    output=$("${@:2}") || return
    printf '%s\n' "$output" | grep -F -- "$1"
}
misses() { # COMMAND…: its output, which is not empty, has no planted secret
    local output word
    output=$("$@") || return
    [ "$output" ] || return
    for word in "${planted[@]}"; do
        ! grep -F -- "$word" <<<"$output" || return
    done
}

check "secrets from the environment and from files are taken" within 20 ready secrets
check "the container is LOCKED" keeper status
check "the exposed one is in the agent's environment" finds "${planted[1]}" resident_agent env
check "the others are not" fails 1 '^$' resident_agent 'env | grep -E "ghp_|hidden_"'
check "git's protocol gives the token" says "^username=x-access-token password=${planted[0]}$" \
    resident_agent 'echo $(printf "capability[]=authtype\nprotocol=https\nhost=github.com\n\n" | codetainer credential get)'
check "for a host with its port" says "^password=${planted[2]}$" \
    ask_git 'protocol=https\nhost=git.test:8443\n\n'
check "but not without it" silent ask_git 'protocol=https\nhost=git.test\n\n'
check "nor for another protocol" silent ask_git 'protocol=http\nhost=github.com\n\n'
check "nor for another user" silent ask_git 'protocol=https\nhost=github.com\nusername=eve\n\n'
check "nor for a host that ends alike" silent ask_git 'protocol=https\nhost=evilgithub.com\n\n'
check "what is not the protocol is an error" fails 65 'not git.s protocol' ask_git 'host\n\n'
check "store and erase do nothing" silent resident_agent \
    'printf "protocol=https\nhost=github.com\npassword=x\n\n" | codetainer credential store &&
     printf "protocol=https\nhost=github.com\n\n" | codetainer credential erase'
check "the token is still there" says "^${planted[0]}$" credential 'token github.com'
check "gh has it" says "^${planted[0]}$" resident_agent 'gh auth token'
check "root gets none: it is not who works with it" fails 1 'no credential' \
    keeper codetainer credential token github.com
check "status counts what each host was served" json secrets '.credentials | .refused == 2 and
    (.hosts | map({(.name): .served}) | add) == {"github.com": 4, "git.test:8443": 1}'
check "in its text as well" says 'git.test:8443 +1 served' keeper status

check "a planted word is found in an agent's memory" says '\[stack\]|anonymous|\[heap\]' \
    scan "$(docker exec $label-secrets status --json | jq .session.pid)" "${planted[1]}"
check "PID 1 holds what the broker offers in locked, undumped pages alone" \
    says '^anonymous 4096 lo wf dd$' scan 1 "${planted[0]}" "${planted[2]}"
check "and nowhere else" says '^1$' eval 'scan 1 "${planted[0]}" "${planted[2]}" | wc -l'
check "PID 1 holds nothing of the exposed one" says '^clean$' scan 1 "${planted[1]}"
check "the resolver holds none" says '^clean$' \
    scan "$(docker exec $label-secrets status --json | jq .resolver.pid)" "${planted[@]}"
check "no environment or command line of root's has one" misses environments 0
check "nor of the resolver's" misses environments 900
check "the agent's have" finds "${planted[1]}" environments 1000
# What PID 1 would come back to after a trap of its own: a state, and the broker's secrets.
held() { # NAME COMMAND: of each descriptor of PID 1's that is NAME
    docker run --rm --cap-add SYS_PTRACE --pid "container:$label-secrets" --entrypoint sh $label-world -c '
        for file in $(ls -l /proc/1/fd | sed -n "s,.* \([0-9]*\) -> .*$1.*,/proc/1/fd/\1,p"); do
            eval "$2"
        done' - "$@"
}
check "the state that PID 1 would come back to names hosts" says 'github.com' held memfd:state 'cat $file'
check "and holds no secret" misses held memfd:state 'tr "\0" "\n" <$file'
check "the secrets are in memory that not even the kernel maps" all 2 'No such device or address' \
    held secretmem 'cat $file 2>&1'
check "root cannot look into PID 1 without SYS_PTRACE" fails 1 'Permission denied|not permitted' \
    keeper dd if=/proc/1/mem of=/dev/null count=1

in_files() { # WORD…: files of the container that hold one of them
    docker exec $label-secrets grep -rlE -D skip "$(IFS='|'; echo "$*")" / --exclude-dir=proc --exclude-dir=sys
}
check "no file has one" fails 1 '^$' in_files "${planted[@]}"
check "a word that is in a file is found" says '^/etc/codetainer/secrets.toml$' in_files 'name = "secrets"'
check "the container's own layer has none" misses docker diff $label-secrets
check "the agent sees no secret's mount" fails 1 '^$' resident_agent 'cut -d " " -f 5 /proc/self/mountinfo | grep -E "/run/secrets|/mnt"'
check "and nothing is where they were" silent resident_agent 'cat /mnt/shelf/* /run/secrets/* 2>/dev/null; true'
check "nor for root" silent keeper sh -c 'cat /mnt/shelf/* /run/secrets/* 2>/dev/null; true'
# What Docker was told with --env it gives to whoever starts a process in the container.
check "docker exec gets the variable that Docker was given" finds "${planted[0]}" keeper env
check "and not those that were given as files" fails 1 '^$' eval 'keeper env | grep -E "oauth_|hidden_"'
check "docker logs show none" misses eval 'docker logs $label-secrets 2>&1'

# Without SYS_ADMIN a file cannot be unmounted: it must be root's alone.
closed() { # OPTION…
    timeout 20 "$docker" run --rm --label $label --cap-drop ALL --cap-add NET_ADMIN --cap-add SETUID \
        --cap-add SETGID --cap-add SETPCAP --cap-add KILL --cap-add CHOWN --read-only \
        --env CODETAINER_PROFILE=shell --tmpfs /run:size=16m,nosuid,nodev,mode=755 \
        --tmpfs /tmp:size=16m,nosuid,nodev,exec \
        --tmpfs /workspace:size=16m,nosuid,nodev,exec,uid=1000,gid=1000,mode=755 \
        --tmpfs /home/claude:size=16m,nosuid,nodev,exec,uid=1000,gid=1000,mode=700 \
        --env GH_PAT_FILE=/mnt/token "$@" "$image"
}
check "a secret's file that the agent could read stops boot without SYS_ADMIN" \
    fails 78 '/mnt/token stays readable for the agent.*mode 0400' closed \
    --volume "$scratch/secret1:/mnt/token:ro"
install -m 400 "$scratch/secret1" "$scratch/token"
closed --detach --name $label-closed --volume "$scratch/token:/mnt/token:ro" >/dev/null
check "one that root alone may read does not" within 20 ready closed
check "the agent gets it from the broker" says "^${planted[1]}$" docker exec --user claude \
    $label-closed codetainer credential token github.com
check "and not from the file" fails 1 'Permission denied' \
    docker exec --user claude $label-closed cat /mnt/token
check "a secret that is given twice stops boot" refuses 78 'given twice' \
    --env GH_PAT=x --env GH_PAT_FILE=/mnt/token
check "a secret's file that is missing stops boot" refuses 78 'cannot open /mnt/token' \
    --env GH_PAT_FILE=/mnt/token
