# shellcheck shell=bash
# shellcheck disable=SC2016 # what a container's shell expands
# A licensed image: its lease, what refuses it, what a lost server does, and its shell in the cage.
echo '-- licensed'
licensed_image=${CODETAINER_E2E_LICENSED:-$label-licensed}
[ "${CODETAINER_E2E_LICENSED:-}" ] || ../../scripts/build --agent licensed --tag "$licensed_image" >"$scratch/licensed.log" 2>&1 ||
    tail -20 "$scratch/licensed.log"

# The server, in the world's image and of the world's authority; its keys are a file that tests write.
mkdir "$scratch/licence"
chmod 755 "$scratch" "$scratch/licence"
cat >"$scratch/licence/keys" <<'KEYS'
PRO-e2e-12345678 professional
STARTER-e2e-1234 starter
ENT-e2e-12345678 enterprise
CUSTOM-e2e-12345 starter sessions=3 requests=7 expires-in=3600
EXPIRED-e2e-1234 starter state=expired
REVOKED-e2e-1234 starter state=revoked
FULL-e2e-1234567 starter sessions=0
LOST-e2e-1234567 professional
BACK-e2e-1234567 professional
LATER-e2e-123456 professional
BRIEF-e2e-123456 professional expires-in=4
STOPPED-e2e-1234 professional
KEYS
# No word of a key is one of a sentence: the log hides it.
acts=(slow garbage oversized redirect half-open drop error other-session other-version)
act_key() { # BEHAVIOUR
    local number
    for number in "${!acts[@]}"; do [ "${acts[number]}" != "$1" ] || echo "ACT-e2e-0000000$number"; done
}
for act in "${acts[@]}"; do echo "$(act_key "$act") professional act=$act" >>"$scratch/licence/keys"; done
licence_server() { # NAME ALIAS CERTIFICATE-NAME
    docker run --detach --name "$label-$1" --label $label --network $label --network-alias "$2" \
        --volume "$PWD/../../scripts/license-server:/license-server:ro" --volume "$scratch/licence:/licence:ro" \
        --entrypoint sh $label-world -c 'cd /tmp && openssl req -x509 -CA /world/authority.crt \
            -CAkey /world/authority.key -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 \
            -subj "/CN=$1" -addext basicConstraints=CA:FALSE -addext "subjectAltName=DNS:$1" \
            -keyout key -out crt 2>/dev/null && exec python3 /license-server --keys /licence/keys \
            --certificate crt --key key --listen "[::]:8443"' - "$3"
}
licence_server licence licence.test licence.test >/dev/null
licence_server licence-other other.test licence.test >/dev/null
licence_server licence-gone gone.test gone.test >/dev/null
served_leases() { docker logs "$label-${2:-licence}" 2>&1 | grep -E "$1"; }
within 10 served_leases listening >/dev/null
within 10 served_leases listening licence-other >/dev/null
within 10 served_leases listening licence-gone >/dev/null

for grace in 4 600; do
    sed "s/^grace = .*/grace = \"${grace}s\"/" ../../profiles/licensed.toml >"$scratch/grace$grace.toml"
done
sed 's/^exit-code = .*/exit-code = 77/' ../../profiles/licensed.toml >"$scratch/code.toml"
sed 's|^authorities = .*|authorities = "/etc/ssl/certs/ISRG_Root_X1.pem"|' ../../profiles/licensed.toml >"$scratch/authority.toml"
chmod 644 "$scratch"/*.toml
licence_url=https://licence.test:8443
# licensed NAME KEY OPTION…: a licensed cage; `licensed_run` ends with it and says what it said.
licensed_base=(--label "$label" "${capabilities[@]}" "${apparmor[@]}"
    --env "CODITECT_LICENSE_HEARTBEAT=1"
    --volume "$PWD/world/attack:/usr/local/bin/attack:ro"
    --volume "$scratch/domains.conf:/opt/network/domains.conf:ro"
    --volume "$scratch/authorities.crt:/etc/ssl/certs/ca-certificates.crt:ro")
licensed_options=("${licensed_base[@]}" --network "$label" --dns "${v4}53")
licensed() {
    docker run --detach --name "$label-$1" "${licensed_options[@]}" --env "CODITECT_LICENSE_SERVER=$licence_url" \
        --env "CODITECT_LICENSE_KEY=$2" "${@:3}" "$licensed_image"
} >/dev/null
grace_of() { echo --volume "$scratch/grace$1.toml:/etc/codetainer/profiles/licensed.toml:ro"; }
licensed_run() { # KEY OPTION…
    timeout 60 "$docker" run --rm "${licensed_options[@]}" --env "CODITECT_LICENSE_SERVER=$licence_url" \
        --env "CODITECT_LICENSE_KEY=$1" "${@:2}" "$licensed_image" 2>&1
}
in_cage() { docker exec "$label-$1" zsh -c "$2"; }
over_with() { # NAME CODE REGEX
    says "^$2\$" timeout 40 "$docker" wait "$label-$1" && says "$3" docker logs "$label-$1"
}

# Those whose time has to pass begin now.
# shellcheck disable=SC2046 # words
licensed lost LOST-e2e-1234567 --env CODITECT_LICENSE_SERVER=https://gone.test:8443 $(grace_of 4)
# shellcheck disable=SC2046
licensed back BACK-e2e-1234567 --env CODITECT_LICENSE_SERVER=https://gone.test:8443 $(grace_of 600)
licensed brief BRIEF-e2e-123456 --env CODITECT_LICENSE_HEARTBEAT=60
licensed later LATER-e2e-123456
licensed stopped STOPPED-e2e-1234
refusal() { # NAME KEY OPTION…: its end and all that it said
    licensed_run "${@:2}" >"$scratch/refused-$1"
    echo "code $?" >>"$scratch/refused-$1"
}
{
    for act in slow half-open; do refusal "$act" "$(act_key $act)" & done
    wait
} &
slow_refusals=$!
echo ENT-e2e-12345678 >"$scratch/key"
chmod 444 "$scratch/key"
licensed licensed PRO-e2e-12345678
within 20 ready licensed >/dev/null

# A lease that is held.
check "a licensed image boots under its licence" json licensed '.verdict == "LOCKED"'
check "status has the lease" json licensed '.lease | .state == "held" and .tier == "professional" and
    .sessions == 1 and .sessionLimit == 10 and .requestLimit == 1000 and .next <= 1 and (has("grace") | not)'
check "for a person as well" says 'licence +held, professional: 1 of 10 sessions, 1000 requests a minute' \
    docker exec $label-licensed status
check "and as a metric" says '^codetainer_lease_sessions_limit 10$' docker exec $label-licensed status --format prometheus
check "its log says so" says 'licence: professional, 1 of 10 sessions' docker logs $label-licensed
check "the attacks of verify are all stopped" docker exec $label-licensed codetainer verify
agents_own() { docker exec --user 1000:1000 $label-licensed sh -c 'tr "\0" "\n" <"/proc/$(pgrep -x sleep)/environ"'; }
check "the agent knows its tier and its limits" all 3 '^CODETAINER_(TIER=professional|SESSION_LIMIT=10|REQUEST_LIMIT=1000)$' \
    eval 'agents_own | grep CODETAINER_'
check "what the server names counts more than the tier" says 'starter, 1 of 3 sessions' \
    eval 'licensed tailored CUSTOM-e2e-12345; within 20 ready tailored; docker logs $label-tailored'
check "to the agent as well, and when it ends" says '^starter 3 7 3[0-9]{3}$' eval \
    'echo "$(in_cage tailored "echo \$CODETAINER_TIER \$CODETAINER_SESSION_LIMIT \$CODETAINER_REQUEST_LIMIT") $(json tailored .lease.expires)"'
licensed enterprise ENT-e2e-12345678 --env CODITECT_LICENSE_KEY= --volume "$scratch/key:/run/secrets/CODITECT_LICENSE_KEY:ro"
check "enterprise has no limits, and its key may come as a file" says '^enterprise unlimited unlimited$' eval \
    'within 20 ready enterprise && in_cage enterprise "echo \$CODETAINER_TIER \$CODETAINER_SESSION_LIMIT \$CODETAINER_REQUEST_LIMIT"'

# However much of what is handed over is the agent's, the key is not, whatever its file is called.
sed 's/^pass = .*/pass = ["*"]\nsecrets = true/' ../../profiles/licensed.toml >"$scratch/all.toml"
echo other >"$scratch/other"
chmod 644 "$scratch/all.toml" "$scratch/other"
licensed handed '' --env CODITECT_LICENSE_KEY_FILE=/run/secrets/LICENCE --volume "$scratch/key:/run/secrets/LICENCE:ro" \
    --volume "$scratch/other:/run/secrets/OTHER:ro" --env HANDED=over --volume "$scratch/all.toml:/etc/codetainer/profiles/licensed.toml:ro"
licensed passed PRO-e2e-12345678 --env HANDED=over --volume "$scratch/all.toml:/etc/codetainer/profiles/licensed.toml:ro"
within 20 ready handed
within 20 ready passed
environment_of() { docker exec --user 1000:1000 "$label-$1" sh -c 'tr "\0" "\n" <"/proc/$(pgrep -x sleep)/environ" | sort'; }
check "all that is handed over is the agent's" all 2 '^(HANDED=over|OTHER=other)$' eval 'environment_of handed | grep -E "HANDED|OTHER|LICENCE=|e2e"'
check "but a key in a file of another name" fails 1 '^' eval 'environment_of handed | grep -E "^LICENCE=|ENT-e2e"'
check "and one in a variable" all 1 '^HANDED=over$' eval 'environment_of passed | grep -E "HANDED|-e2e-"'

# The server takes whatever it is asked.
asks() { # QUESTION, of Python's: the code of the answer
    docker exec "$label-licence" python3 -c 'import http.client, ssl, sys
one = http.client.HTTPSConnection("::1", 8443, context=ssl._create_unverified_context(), timeout=10)
one.request("POST", "/v1/lease", eval(sys.argv[1]))
print(one.getresponse().status)' "$1"
}
check "the server answers what is no question" says '^400$' asks "'no JSON'"
check "also where that is deep" says '^400$' asks "'[' * 4000"

# Its bill of materials, with what is linked into the lease service.
../../scripts/sbom image "$licensed_image" >"$scratch/bill.json"
linked_into() { # PROGRAM: the names of what is
    jq --raw-output --arg program "$1" '(.packages | map({ (.SPDXID): .name }) | add) as $name | .relationships[]
        | select(.relationshipType == "STATIC_LINK" and $name[.spdxElementId] == $program) | $name[.relatedSpdxElement]' "$scratch/bill.json"
}
check "its bill says what is linked into the lease service" all 2 '^swift(-system)?$' linked_into /usr/local/lib/codetainer/codetainer-lease
check "which is not all that the program has" says '^libnftnl$' linked_into codetainer

# Refusals.
refused_as() { # NAME CODE REGEX
    fails 0 "$3" cat "$scratch/refused-$1" && grep -q "^code $2\$" "$scratch/refused-$1" &&
        ! grep -q 'session  *[0-9]' "$scratch/refused-$1"
}
for name in invalid expired revoked full drop garbage oversized redirect error other-session other-version; do
    case $name in
    invalid) key=UNKNOWN-e2e-1234 ;;
    expired | revoked | full) key=$(sed -n "s/^\(${name^^}-e2e-[^ ]*\) .*/\1/p" "$scratch/licence/keys") ;;
    *) key=$(act_key "$name") ;;
    esac
    refusal $name "$key"
done
check "no key" fails 78 'licence: the key CODITECT_LICENSE_KEY is not set: pass it' licensed_run ''
check "a key with a space" fails 78 'the key cannot be used: secret CODITECT_LICENSE_KEY contains whitespace' licensed_run 'PRO e2e'
check "a key that is none" fails 78 'the key CODITECT_LICENSE_KEY is malformed: copy it again' licensed_run 'short'
check "a key that nobody knows" refused_as invalid 78 'licence: licence.test:8443 does not know the key'
check "one that has expired" refused_as expired 78 'licence: it has expired, says'
check "one that was revoked" refused_as revoked 78 'licence: it was revoked, says'
check "one of which all sessions run" refused_as full 78 'all its sessions are in use, 0 of 0'
check "a server that drops the connection" refused_as drop 78 'cannot be reached: the connection broke'
check "that says what is no answer" refused_as garbage 78 'its answer is none of the protocol'
check "or another session's" refused_as other-session 78 'its answer is none of the protocol'
check "or another version's" refused_as other-version 78 'its answer is none of the protocol'
check "or far too much" refused_as oversized 78 'its answer is too long'
check "that sends elsewhere" refused_as redirect 78 'it redirects, where no key is sent'
check "that has failed" refused_as error 78 'its HTTP status is none of the protocol'
check "that has another's certificate" fails 78 'its certificate is not trusted' \
    licensed_run PRO-e2e-12345678 --env CODITECT_LICENSE_SERVER=https://other.test:8443
check "that no authority vouches for" fails 78 'its certificate is not trusted' licensed_run PRO-e2e-12345678 \
    --volume "$scratch/authority.toml:/etc/codetainer/profiles/licensed.toml:ro"
check "that does not listen" fails 78 'it takes no connection' \
    licensed_run PRO-e2e-12345678 --env CODITECT_LICENSE_SERVER=https://licence.test:8444
check "that has no address" fails 78 'its name has no address' \
    licensed_run PRO-e2e-12345678 --env CODITECT_LICENSE_SERVER=https://nowhere.test
check "an address without TLS" fails 78 'CODITECT_LICENSE_SERVER must start with https://' \
    licensed_run PRO-e2e-12345678 --env CODITECT_LICENSE_SERVER=http://licence.test:8443
check "a heartbeat that is none" fails 78 'CODITECT_LICENSE_HEARTBEAT "0" must be seconds from 1 to 86400' \
    licensed_run PRO-e2e-12345678 --env CODITECT_LICENSE_HEARTBEAT=0
check "the profile may have another code" fails 77 'does not know the key' \
    licensed_run UNKNOWN-e2e-1234 --volume "$scratch/code.toml:/etc/codetainer/profiles/licensed.toml:ro"
check "for a key that is missing, too" fails 77 'is not set' \
    licensed_run '' --volume "$scratch/code.toml:/etc/codetainer/profiles/licensed.toml:ro"
wait $slow_refusals
check "a server that takes too long" refused_as slow 78 'cannot be reached: it took too long'
check "or stops in the middle" refused_as half-open 78 'cannot be reached: it took too long'

# Who may reach the server, and who has the key.
reaches='curl --silent --show-error --max-time 5 https://licence.test:8443/'
check "the server answers outside" says '404|501' outside sh -c "$reaches"
check "the agent cannot reach it" fails 7 'Connection refused|refused|[Cc]ouldn.t connect' in_cage licensed "$reaches"
licensed open PRO-e2e-12345678 --env CODETAINER_ALLOW=licence.test:8443
check "unless the operator says so" says '404|501' eval 'within 20 ready open; in_cage open "$reaches"'
check "where the lease is held as well" json open '.lease.state == "held"'
licensed_service() { json "$1" '.services[] | select(.name == "licence") | .pid'; }
as_service() { docker exec --user 64056:64056 $label-licensed "$@"; }
check "nor may the service reach what the agent may" fails 7 '' as_service curl --silent --max-time 5 https://allowed.test
check "which the agent does" says 'reached allowed.test' in_cage licensed 'curl --silent https://allowed.test'
held='^(Uid:.64056.64056.64056.64056|Gid:.64056.64056.64056.64056|CapPrm:.0+|CapEff:.0+|CapBnd:.0+|CapAmb:.0+|NoNewPrivs:.1|Seccomp:.2)$'
service_status() { docker exec "$label-licensed" grep -E '^(Uid|Gid|CapPrm|CapEff|CapBnd|CapAmb|NoNewPrivs|Seccomp):' "/proc/$(licensed_service licensed)/status"; }
check "the service has a uid of its own, no capability and a filter" all 8 "$held" service_status
has_key() { # what of it is anywhere: as root, as the agent, in the service's words
    docker exec $label-licensed sh -c 'cat /proc/1/environ /proc/[0-9]*/cmdline; find /run /tmp /home -type f -exec cat {} + 2>/dev/null'
    in_cage licensed 'env; cat /proc/[0-9]*/environ /proc/[0-9]*/cmdline 2>/dev/null; find / -xdev -type f -newer /etc/hostname -size -64k -exec cat {} + 2>/dev/null'
    agents_own
    docker exec $label-licensed status --json
    docker logs $label-licensed 2>&1
}
keyless() { has_key >"$scratch/seen"; grep -aq CODETAINER_TIER=professional "$scratch/seen" && ! grep -aF PRO-e2e-12345678 "$scratch/seen"; }
check "nobody but the service has the key" keyless
check "the agent can neither signal nor see it" fails 1 'no such process|not permitted' in_cage licensed "kill -TERM $(licensed_service licensed)"

# The shell in the cage, and what a vendor's image promises.
check "docker exec CONTAINER zsh is in the cage" says '^developer 0+ 1$' in_cage licensed \
    'echo $USER $(sed -n "s/^CapBnd:.//p" /proc/self/status) $(sed -n "s/^NoNewPrivs:.//p" /proc/self/status)'
check "docker exec alone is the operator's" says '^0$' docker exec $label-licensed id -u
check "zsh within zsh is one as well" says '^5' in_cage licensed 'zsh -c "echo \$ZSH_VERSION"'
check "it may not make a namespace" fails '[1-9][0-9]*' 'not permitted' in_cage licensed 'unshare --user true'
check "as the operator may" docker exec $label-licensed unshare --user true
check "nor resolve another name" fails 2 '^' in_cage licensed 'getent hosts denied.test'
check "nor read PID 1" fails 1 '^' in_cage licensed 'cat /proc/1/environ'
check "nor mount" fails '[1-9][0-9]*' 'permission|denied|superuser|not permitted' in_cage licensed 'mount -t tmpfs none /tmp'
check "there is no sudo" fails 127 'not found' in_cage licensed 'sudo true'
check "a terminal has it as well" says 'developer' eval \
    'timeout 20 script -qec "$docker exec -it $label-licensed zsh -c whoami" /dev/null'
check "docker run -it gives it" says 'developer 0000000000000000' eval \
    "{ sleep 6; echo 'echo \$(whoami) \$(sed -n \"s/^CapBnd:.//p\" /proc/self/status)'; sleep 2; echo exit; sleep 1; } |
    timeout 40 script -qec \"$docker run --rm -it \${licensed_options[*]} --env CODITECT_LICENSE_SERVER=$licence_url --env CODITECT_LICENSE_KEY=PRO-e2e-12345678 $licensed_image\" /dev/null"
check "the framework is there" says 'A framework stands here' in_cage licensed 'cat /opt/framework/README.md'
check "and nobody writes it" fails 1 '^' in_cage licensed 'cd /opt/framework && touch new README.md || chmod 644 README.md || mv README.md x'
check "the workspace and the configuration are the agent's" in_cage licensed 'touch ~/workspace/a && mkdir -p ~/.config && touch ~/.config/a && [ ~ = /home/developer ]'
mkdir -p "$scratch/framework/sub" "$scratch/ssh"
echo x >"$scratch/framework/sub/file"
chmod 444 "$scratch/framework/sub/file"
chmod 555 "$scratch/framework/sub" "$scratch/framework"
sealed_run() { licensed_run UNKNOWN-e2e-1234 --volume "$scratch/framework:/opt/framework"; }
check "a tree that is as it must be boots on to the licence" fails 78 'does not know the key' sealed_run
chmod 644 "$scratch/framework/sub/file"
check "a file that root may write stops boot" fails 70 'sealed /opt/framework: /opt/framework/sub/file has mode 644: chmod it 444' sealed_run
chmod 444 "$scratch/framework/sub/file"
chown 1000 "$scratch/framework/sub"
check "so does what is somebody else's" fails 70 "/opt/framework/sub is uid 1000's" sealed_run
chown 0 "$scratch/framework/sub"
docker volume create --label $label $label-config >/dev/null
configured=(--volume "$label-config:/home/developer/.config" --volume "$scratch/ssh:/home/developer/.ssh:ro")
licensed config PRO-e2e-12345678 "${configured[@]}"
within 20 ready config >/dev/null
check "the configuration is written" in_cage config 'echo kept >~/.config/it'
check "ssh's is not" fails 1 'Read-only' in_cage config 'touch ~/.ssh/it'
docker rm --force $label-config >/dev/null
licensed config PRO-e2e-12345678 "${configured[@]}"
check "and outlives the container" says kept eval 'within 20 ready config; in_cage config "cat ~/.config/it"'
listens='perl -MIO::Socket::INET -e '\''$s = IO::Socket::INET->new(Listen => 5, LocalPort => $ARGV[0], ReuseAddr => 1) or die; while ($c = $s->accept) { print $c "port $ARGV[0]\n"; close $c }'\'
for port in 3000 8080 3001; do docker exec --detach $label-licensed zsh -c "$listens $port"; done
connects() { outside timeout 3 bash -c "cat </dev/tcp/$(address licensed IPAddress)/$1"; }
check "port 3000 is published" within 5 says 'port 3000' connects 3000
check "so is 8080" says 'port 8080' connects 8080
check "and no other" fails '1|124' '^' connects 3001

# Two sessions, and no third; what is given back is there again.
licensed first STARTER-e2e-1234
licensed second STARTER-e2e-1234
within 20 ready first >/dev/null
within 20 ready second >/dev/null
check "two sessions of a starter run" json second '.lease | .sessions == 2 and .sessionLimit == 2'
check "a third is refused" fails 78 'all its sessions are in use, 2 of 2' licensed_run STARTER-e2e-1234
check "docker stop gives one back" eval 'docker stop $label-first && served_leases "^release .* STAR... -> released, 1 sessions"'
licensed third STARTER-e2e-1234
within 20 ready third >/dev/null
check "which another one takes" json third '.lease.sessions == 2'
check "the agent's end gives one back" eval 'docker exec $label-third pkill -x sleep; over_with third "(0|143)" "." && within 5 served_leases "^release .* STAR... -> released, 1 sessions"'
cat "$scratch/grace4.toml" - >"$scratch/failing.toml" <<'TOML'
[[service]]
name = "failing"
command = ["false"]
user = "developer"
ready = "exit"
TOML
released() { served_leases '^release .* PRO-' | wc -l; }
before=$(released)
check "a boot that fails after the lease gives it back" eval \
    'fails 69 "service failing" licensed_run PRO-e2e-12345678 --volume "$scratch/failing.toml:/etc/codetainer/profiles/licensed.toml:ro" &&
    [ "$(released)" -gt "$before" ]'

# The service and PID 1 may fail; the lease is what it was.
first=$(licensed_service licensed)
docker exec $label-licensed kill -KILL "$first"
again() { [ "$(licensed_service licensed)" -gt 0 ] && [ "$(licensed_service licensed)" != "$first" ] && json licensed '.lease.state == "held" and .lease.granted <= 1'; }
check "a service that is killed is back, and asks" within 8 again
acquired_twice() { served_leases '^acquire .* PRO-' | cut -d' ' -f2 | sort | uniq --repeated; }
check "for the session that it had" all 1 '^[0-9a-f]{8}$' acquired_twice
docker exec $label-licensed sh -c 'kill -SEGV 1'
renewed() { json licensed '.lease.state == "held" and .lease.granted <= 2 and .verdict == "LOCKED"'; }
check "a trap of PID 1 changes nothing" eval 'sleep 2; within 5 renewed'
docker cp $label-licensed:/usr/local/bin/codetainer "$scratch/same" >/dev/null
docker cp "$scratch/same" $label-licensed:/usr/local/bin/codetainer.new >/dev/null
docker exec $label-licensed codetainer upgrade /usr/local/bin/codetainer.new >/dev/null
check "nor does an upgrade" eval 'sleep 2; within 5 renewed'
docker exec $label-licensed codetainer reload
check "nor a reload of the policy" eval 'sleep 2; within 5 renewed'
check "which leaves the lockdown as it must be" json licensed '.layers[] | select(.name == "lockdown") | .state == "on"'
check "and the server closed to the agent" fails 7 '^' in_cage licensed "$reaches"

# A server that is lost, and one that comes back; a licence that ends.
within 20 ready lost >/dev/null
within 20 ready back >/dev/null
docker stop --time 0 $label-licence-gone >/dev/null
grace() { json back '.lease.grace'; }
check "a lost server is DEGRADED, with its grace" within 15 json back '.verdict == "DEGRADED" and
    .lease.state == "lost" and .lease.grace > 500 and (.reasons[] | test("licence: gone.test:8443 does not answer: .*: the session ends in"))'
grace >"$scratch/left"
check "which counts down" within 5 eval '[ "$(grace)" -lt "$(cat "$scratch/left")" ]'
check "for a person as well" fails 1 'licence +lost: the session ends in' docker exec $label-back status
check "health fails meanwhile" fails 1 'does not answer' docker exec $label-back codetainer health
check "a grace that is over ends the session" over_with lost 78 'licence: gone.test:8443 has not answered for 4 s: .*: the session ends'
docker start $label-licence-gone >/dev/null
check "a server that comes back ends the grace" within 20 json back '.verdict == "LOCKED" and .lease.state == "held"'
sed -i 's/^LATER-.*/& state=revoked/' "$scratch/licence/keys"
check "a licence that is revoked at a heartbeat ends it" over_with later 78 'licence: it was revoked, says .*: the session ends'
check "one that expires, too" over_with brief 78 'licence: it has expired, says'
stopped=$(licensed_service stopped)
docker exec $label-stopped kill -STOP "$stopped"
check "a service that is stopped is replaced" within 25 eval '[ "$(licensed_service stopped)" != "$stopped" ] && json stopped ".lease.state == \"held\""'

# Compose, the file as it is but for the ports of this host, and the test's network over it.
cp -r ../../deploy/compose "$scratch/licensed-compose"
sed -i 's/"3000:3000"/"3000"/; s/"8080:8080"/"8080"/' "$scratch/licensed-compose/licensed.yaml"
echo PRO-e2e-12345678 >"$scratch/licensed-compose/secrets/CODITECT_LICENSE_KEY"
chmod 600 "$scratch/licensed-compose/secrets/CODITECT_LICENSE_KEY"
chown -R 1234:1234 "$scratch/licensed-compose/secrets" "$scratch/licensed-compose/workspace"
composed_licence() {
    CODETAINER_IMAGE=$licensed_image LABEL=$label WORLD_DNS=${v4}53 AUTHORITIES=$scratch/authorities.crt \
        CODITECT_LICENSE_SERVER=$licence_url docker-compose --project-name "$label-licensed-compose" \
        --file "$scratch/licensed-compose/licensed.yaml" --file ../Deploy/licensed-world.yaml "$@"
}
composed_licence up --detach >"$scratch/up" 2>&1 || cat "$scratch/up"
check "the Compose file is what the specification has" ../Deploy/validate compose ../../deploy/compose/licensed.yaml
compose_images() { sed -n 's/^ *image: //p' ../../deploy/compose/*.yaml | sort | uniq --repeated; }
check "its image is no other file's" silent compose_images
check "Compose starts a licensed cage" within 20 ready licensed-compose
check "under its licence" json licensed-compose '.verdict == "LOCKED" and .lease.tier == "professional"'
check "compose exec SERVICE zsh is in the cage, with the workspace's uid" says '^developer 1234 0+$' \
    composed_licence exec -T framework zsh -c 'echo $USER $(id -u) $(sed -n "s/^CapBnd:.//p" /proc/self/status)'
check "and writes there" eval 'in_cage licensed-compose "touch ~/workspace/made" &&
    [ "$(stat -c %u "$scratch/licensed-compose/workspace/made")" = 1234 ]'
check "its ports are published" says '^3000/tcp' docker port $label-licensed-compose
check "its health check succeeds" docker exec $label-licensed-compose codetainer health
before=$(released)
check "Compose stops it, and the session is given back" eval \
    'composed_licence stop && ! says "^137\$" docker inspect --format "{{.State.ExitCode}}" $label-licensed-compose && [ "$(released)" -gt "$before" ]'
composed_licence down --volumes --timeout 1 >/dev/null 2>&1

# A server on a network of the operator's own.
docker network create --label $label $label-private >/dev/null
docker network connect --alias licence.test $label-private $label-licence-other
docker run --detach --name $label-own "${licensed_base[@]}" --network $label-private --env CODITECT_LICENSE_KEY=PRO-e2e-12345678 \
    --env CODITECT_LICENSE_SERVER=https://licence.test:8443 "$licensed_image" >/dev/null
check "the server may have a private address" eval 'within 20 ready own; json own ".lease.state == \"held\""'
check "which the agent cannot reach either" fails 7 '^' in_cage own "$reaches"
docker ps --all --quiet --filter label=$label --filter ancestor="$licensed_image" | xargs -r "$docker" rm --force --volumes >/dev/null
docker rm --force $label-licence $label-licence-other $label-licence-gone >/dev/null
docker volume rm $label-config >/dev/null
docker network rm $label-private >/dev/null
