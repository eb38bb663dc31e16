# shellcheck shell=bash
# shellcheck disable=SC2016 # what a container's shell expands
# The container's log: its forms and levels, and that no secret ever comes into it.
echo '-- logs'
run_once() { # OPTION…: a container whose boot fails, or which is stopped after a while
    timeout 20 "$docker" run --rm --label $label "${capabilities[@]}" "${apparmor[@]}" \
        --env CODETAINER_PROFILE=shell "$@" "$image" 2>&1
}
red=$'\e\[31mcodetainer:\e\[0m'
wrong=(--env CODETAINER_PROFILE=nonesuch)
plain_line() { local text; text=$(run_once "$@"); printf '%s\n' "$text"; ! grep -q $'\e' <<<"$text" && grep -q ^codetainer: <<<"$text"; }
check "errors are red on a terminal" fails 78 "^$red" run_once --tty --env TERM=xterm "${wrong[@]}"
check "not where NO_COLOR is set" plain_line --tty --env TERM=xterm --env NO_COLOR=1 "${wrong[@]}"
check "nor on a dumb one" plain_line --tty --env TERM=dumb "${wrong[@]}"
check "nor where there is no terminal" plain_line --env TERM=xterm "${wrong[@]}"
check "an unknown form stops boot" fails 78 'CODETAINER_LOG "xml" must be human or json' \
    run_once --env CODETAINER_LOG=xml
check "so does an unknown level" fails 78 \
    'CODETAINER_LOG_LEVEL "loud" must be debug, info, notice, warning or error' \
    run_once --env CODETAINER_LOG_LEVEL=loud

cage --detach --name $label-json --env CODETAINER_LOG=json --env CODETAINER_EGRESS=audit \
    --env REPO_URL=https://git.test/project.git >/dev/null
cage --detach --name $label-quiet --env CODETAINER_LOG_LEVEL=warning >/dev/null
within 20 ready json >/dev/null
within 20 ready quiet >/dev/null
for cage in json quiet; do
    docker exec $label-$cage codetainer reload
    docker exec $label-$cage sh -c 'kill -9 $(pgrep -u 900)'
done >/dev/null
objects() { docker logs $label-json 2>&1 | jq --raw-output '[.time, .level, .message] | join(" ")'; }
form='^20[0-9]{2}-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:[0-5][0-9]\.[0-9]{3}Z'
resolver_back() { docker logs "$label-$1" 2>&1 | grep 'starting it again'; }
check "for collectors each line is an object with time, level and message" \
    says "$form info \[11/11\] session" objects
check "git's lines as well" says "$form info git: Cloning into" objects
check "and nothing else" all "$(docker logs $label-json 2>&1 | wc -l)" "$form (info|warning) " objects
check "after boot as well" within 5 says "$form warning the resolver was ended by SIGKILL" objects
check "a quiet log has warnings" within 5 resolver_back quiet
check "and nothing less, before or after boot" all 1 'warning: ' docker logs $label-quiet
boot_log() { docker exec $label-json jq --raw-output .message /run/codetainer/boot.log; }
check "the boot's lines are in boot.log" says '^\[11/11\] session' boot_log
check "and no others" fails 1 '^$' eval 'boot_log | grep "starting it again"'
check "which is root's alone" says '^600 0$' docker exec $label-json stat -c '%a %u' /run/codetainer/boot.log

# A secret in every place from which it could come into the log.
plant=ghp_Ln7Qx4mW9zKv2Rt8Lp3Bd5Yc word='Ln7Qx4mW|9zKv2Rt8|Lp3Bd5Yc'
hides() { # WHAT-IT-SAYS OPTION…: boot fails, says so, and shows no part of the secret
    local text
    text=$(run_once --env GH_PAT=$plant "${@:2}")
    printf '%s\n' "$text"
    grep -qE -- "$1" <<<"$text" && ! grep -qE "$word" <<<"$text"
}
sed "s/^name = .*/&\ntmpfs = [{ path = \"\/workspace\", size = \"$plant\" }]/; /^\[\[tmpfs/,\$d" \
    ../../profiles/shell.toml >"$scratch/secret-size.toml"
printf 'https://user:%s@git.test/project.git\n' "$plant" >"$scratch/secret.conf"
check "no secret shows where it has a space in it" hides 'GH_PAT contains whitespace' \
    --env CODETAINER_PROFILE=claude-code --env CLAUDE_CODE_OAUTH_TOKEN=x --env "GH_PAT=$plant $plant"
check "nor in REPO_URL" hides 'REPO_URL carries credentials' --env REPO_URL=https://user:$plant@git.test/p
leaks=()
for place in REPO_URL CODETAINER_EGRESS CODETAINER_LOG CODETAINER_LOG_LEVEL CODETAINER_ON_EXIT \
    CODETAINER_ALLOW CODETAINER_ALLOWLIST CODETAINER_UPSTREAMS CODETAINER_PUBLISH CODETAINER_PROFILE; do
    hides '^codetainer: ' --env "$place=https://$plant@git.test" >"$scratch/leak.$place" &&
        echo "$place hides it" >"$scratch/leak.$place" &
    leaks+=($!)
done
wait "${leaks[@]}"
check "nor in any setting" all 10 ' hides it$' eval "cat $scratch/leak.*"
check "nor in a value of the profile" hides 'tmpfs.size' \
    --env CODETAINER_PROFILE=/etc/codetainer/odd.toml \
    --volume "$scratch/secret-size.toml:/etc/codetainer/odd.toml:ro"
check "nor in a line of the allowlist" hides 'secret.conf:1:' \
    --env CODETAINER_ALLOWLIST=/opt/network/secret.conf \
    --volume "$scratch/secret.conf:/opt/network/secret.conf:ro"
check "what is in no secret's variable shows" fails 78 "$word" run_once --env CODETAINER_EGRESS=$plant

# In a container that runs: git is refused with it, and everybody says it to the control socket.
cp "$scratch/domains.conf" "$scratch/logged.conf"
cage --detach --name $label-logged --env GH_PAT=$plant --env REPO_URL=https://github.com/project.git \
    --env CODETAINER_LOG_LEVEL=debug --env CODETAINER_ALLOWLIST=/opt/network/logged.conf \
    --volume "$scratch/logged.conf:/opt/network/logged.conf:ro" >/dev/null
within 20 ready logged >/dev/null
for asker in root claude; do
    for request in "allow $plant 0" "allow https://user:$plant@git.test 5" "deny $plant" \
        "credential $plant" "$plant" "agent-ended $plant" "status $plant"; do
        docker exec --user $asker $label-logged perl -MSocket -e '
            socket(my $s, AF_UNIX, SOCK_STREAM, 0); connect($s, pack_sockaddr_un("/run/codetainer/control.sock"));
            syswrite($s, "$ARGV[0]\n"); sysread($s, my $answer, 4096); print $answer' "$request"
    done
done >"$scratch/answers"
printf 'https://user:%s@git.test/project.git\n' "$plant" >>"$scratch/logged.conf"
docker kill --signal HUP $label-logged >/dev/null
check "a policy that is none is said in the log" within 5 \
    says 'logged.conf:[0-9]+:' docker logs $label-logged
check "the operator was told what is wrong with it" grep -q "$plant" "$scratch/answers"
check "git's own lines are in the log" says 'Authentication failed|could not read' docker logs $label-logged
shown() {
    docker logs $label-logged 2>&1
    docker exec $label-logged cat /run/codetainer/boot.log
    docker exec $label-logged status
    docker exec $label-logged codetainer status --json
}
check "no log, boot log or report shows a part of it" fails 1 '^$' eval "shown | grep -E '$word'"
check "they are there to be looked at" says 'LOCKED' shown
docker rm --force $label-json $label-quiet $label-logged >/dev/null
