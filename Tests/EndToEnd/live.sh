# shellcheck shell=bash
# The policy of a running container: read again on SIGHUP, and audited instead of enforced.
echo '-- live'
cp "$scratch/domains.conf" "$scratch/live.conf"
sed 's/^command = .*/command = ["sh", "-c", "trap \\"echo hung-up\\" HUP; while :; do sleep 0.05; done"]/' \
    ../../profiles/shell.toml >"$scratch/hearing.toml"
live=(--volume "$scratch/live.conf:/opt/network/live.conf:ro"
    --env CODETAINER_ALLOWLIST=/opt/network/live.conf)
cage --detach --name $label-hup "${live[@]}" --env CODETAINER_PROFILE=/etc/codetainer/hearing.toml \
    --volume "$scratch/hearing.toml:/etc/codetainer/hearing.toml:ro" >/dev/null
cage --detach --name $label-deaf "${live[@]}" >/dev/null
has_rules() { json "$1" ".egress.rules == $2"; }
within 10 ready hup && within 10 ready deaf
before=$(docker exec $label-hup codetainer status --json | jq .egress.rules)
echo 'extra.test' >>"$scratch/live.conf"
docker kill --signal HUP $label-hup >/dev/null
docker kill --signal HUP $label-deaf >/dev/null
check "SIGHUP reads the allowlist again" within 5 has_rules hup $((before + 1))
heard() { docker exec --user claude $label-hup tmux -S $tmux_socket capture-pane -p -t shell:0.0 | grep hung-up; }
check "an agent with a handler gets it too" within 5 heard
check "one without goes on" within 5 has_rules deaf $((before + 1))
check "and runs" json deaf '.session.state == "running"'
echo 'exa mple.com' >>"$scratch/live.conf"
docker kill --signal HUP $label-hup >/dev/null
check "a mistake is said in the log" within 5 logged hup 'live.conf:[0-9]+:4: "exa mple.com"'
check "and changes nothing" has_rules hup $((before + 1))

cage --detach --name $label-audit --env CODETAINER_EGRESS=audit >/dev/null
within 10 ready audit
audited() { docker exec --user claude $label-audit "$@"; }
check "an audit is no lockdown" fails 1 'DEGRADED.*EVERYTHING PASSES' docker exec $label-audit codetainer status
check "what is denied passes" audited bash -c ': >/dev/tcp/denied.test/443'
check "and is recorded" json audit '[.egress.denied[].name] | index("denied.test") != null'
suggested() { docker exec $label-audit codetainer policy suggest; }
check "the audit suggests the rule" within 5 says '^denied.test$' suggested
audited bash -c ": >/dev/tcp/${v4}10/1" 2>/dev/null
check "as is what looks like a try of boot's" within 5 json audit \
    "[.egress.refused[] | select(.port == 1 and .address == \"${v4}10\")] | length == 1"
check "whose own are not suggested" fails 1 '^$' eval 'suggested | grep -E "invalid|198\.51\.100\.1:"'
# Two names with one address: what was tried goes by the one that was asked for before it.
audited bash -c 'getent hosts generativelanguage.googleapis.com >/dev/null; : >/dev/tcp/generativelanguage.googleapis.com/8443; sleep 0.3
    getent hosts api.openai.com >/dev/null; : >/dev/tcp/api.openai.com/443' 2>/dev/null
check "of two names with one address it suggests the one that was meant" within 5 says '^generativelanguage.googleapis.com:8443$' suggested
check "and the other one" says '^api.openai.com$' suggested
check "as it was" fails 1 '^$' eval 'suggested | grep openai.com:8443'
check "it says nothing where it has it all" silent eval 'suggested 2>&1 >/dev/null'
audited perl -MSocket -e '
    for (1 .. 3000) { socket S, 2, 2, 17; connect S, pack_sockaddr_in(9, inet_aton($ARGV[0])); syswrite S, "x" }' "${v4}66"
check "and says what came too fast" fails 1 'this is not all: [0-9]+ packets came too fast' suggested
check "status counts that" json audit '.egress.uncopiedPackets | . > 1000 and . < 3000'
check "the process cage stays" fails 1 'Read-only' audited touch /etc/x
check "an unknown mode stops boot" fails 78 'enforce or audit' \
    timeout 20 "$docker" run --rm --label $label "${capabilities[@]}" \
    --env CODETAINER_PROFILE=shell --env CODETAINER_EGRESS=maybe "$image"
