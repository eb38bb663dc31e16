# shellcheck shell=bash
# shellcheck disable=SC2016 # what a container's shell expands
# A developer's box: scripts/build makes it, scripts/dev runs it, and what is whose inside.
echo '-- workstation'
desk=$scratch/desk box=$PWD/workstation scripts=$PWD/../../scripts
workstation=$label-workstation
docker build --quiet --tag $label-base workstation >/dev/null
build() { BASE=$label-base docker=$docker "$scripts/build" --agent workstation "$@"; }
versioned() { build --name $workstation --claude-version 2.0.14 --gemini-version 0.9.0 "$@"; }
has_label() { docker image inspect --format "{{index .Config.Labels \"$1\"}}" "$workstation:latest"; }
layers() { docker image inspect --format '{{range .RootFS.Layers}}{{println .}}{{end}}' "$1"; }
check "scripts/build makes a version" versioned --version v1.2.3
check "which is the latest, too" says "^$(docker image inspect --format '{{.Id}}' $workstation:v1.2.3)$" \
    docker image inspect --format '{{.Id}}' $workstation:latest
check "its label has the version" says '^v1.2.3$' has_label org.opencontainers.image.version
check "the commit" says "^$(git rev-parse HEAD)(-modified)?$" has_label org.opencontainers.image.revision
check "the commit's time" says "^$(TZ=UTC git log -1 --date=format-local:%Y-%m-%dT%H:%M:%SZ --format=%cd)$" has_label org.opencontainers.image.created
check "what each agent says it is" says '^2.0.14 0.9.0 9.9.9$' \
    docker image inspect --format '{{with .Config.Labels}}{{index . "codetainer.version.claude"}} {{index . "codetainer.version.gemini"}} {{index . "codetainer.version.infisical"}}{{end}}' $workstation
check "an option without its value is a wrong one" fails 64 'agent takes a value: see scripts/build --help' "$scripts/build" --agent
check "a version is built once" fails 73 'v1.2.3 is there already' versioned --version v1.2.3
check "and is called like one" fails 64 'vMAJOR.MINOR.PATCH' versioned --version 1.2
check "another program than was pinned fails the build" fails 70 'claude in the built image is 6.6.5, not 6.6.6: nothing was tagged' \
    build --name $workstation --version v1.2.4 --claude-version 6.6.6
leaky() { ! build --name $workstation --version v1.2.4 --gemini-version 6.6.7 2>&1 | tee "$scratch/leaky" | grep -F 0123456789abcdef; }
check "a token that an installer leaves does, too, and is not shown" leaky
check "by its place" says 'a secret in /root/.npmrc, line 1: nothing was tagged' cat "$scratch/leaky"
check "nothing was tagged then" fails 1 '[Nn]o such image' docker image inspect $workstation:v1.2.4
with_bun() { build --agent claude --tag $label-bun --claude-version 2.0.14 --bun-version 1.2.3; }
check "an image of Claude Code has bun where it is asked for" with_bun
check "of the version that was asked for" says '^bun 1.2.3 /usr/local/bin/bun$' docker run --rm --label $label --entrypoint sh $label-bun \
    -c 'echo bun $(bun --version) $(readlink -f /usr/local/bin/bunx)'
check "which its label has" says '^1.2.3$' docker image inspect --format '{{index .Config.Labels "codetainer.version.bun"}}' $label-bun
check "a box has none" fails 64 'bun-version: the agent workstation has none' versioned --version v1.2.4 --bun-version 1.2.3
check "the same inputs make the same layers" says '^same$' sh -c "touch '$scripts/../profiles/shell.toml'
    BASE=$label-base docker=$docker '$scripts/build' --no-cache --agent workstation --name $workstation-again --version v1.2.3 \
        --claude-version 2.0.14 --gemini-version 0.9.0 >'$scratch/again' 2>&1 || cat '$scratch/again'
    $docker image inspect --format '{{.RootFS.Layers}}' $workstation:v1.2.3 $workstation-again:v1.2.3 | uniq | wc -l | sed 's/^1$/same/'"

# A person with a project, keys and sign-ins; secret managers that are stand-ins.
mkdir -p "$desk"/{bin,project,home/.ssh,home/.config/git,home/.claude,home/.gemini,secrets,memory}
for name in infisical op pass; do ln -s "$box/manager" "$desk/bin/$name"; done
printf 'a key\n' >"$desk/home/.ssh/id_test"
printf '[user]\n\tname = Ada Lovelace\n\temail = ada@example.org\n' >"$desk/home/.gitconfig"
printf 'ignored\n' >"$desk/home/.config/git/ignore"
printf '{"signed": "in"}\n' | tee "$desk/home/.claude/.credentials.json" >"$desk/home/.gemini/oauth_creds.json"
secret=sesame_$RANDOM$RANDOM$RANDOM
printf %s "$secret" >"$desk/secrets/API_KEY"
printf "it's \"so\": \$(touch /tmp/pwned) \`id\` = \\\\n # é" >"$desk/secrets/HOSTILE"
printf -- '-----BEGIN KEY-----\n1\n\n2\n-----END KEY-----' >"$desk/secrets/SEVERAL"
chown -R 4321:4322 "$desk/project" "$desk/home"
chmod 700 "$desk/home/.ssh"
dev=(env "HOME=$desk/home" "PATH=$desk/bin:$PATH" "SECRETS=$desk/secrets" "docker=$(type -P "$docker")" "$scripts/dev"
    --code "$desk/project" --image "$workstation" --engine "--label=$label" --engine "--network=$label" --engine "--dns=${v4}53")
dev() { "${dev[@]}" "$@" </dev/null; } # OPTION… [COMMAND…], on the test's network
# What the box has of each secret, and the same of what was stored.
show='for name in API_KEY HOSTILE SEVERAL; do printenv $name | sha256sum; done'
stored=$(for name in API_KEY HOSTILE SEVERAL; do { cat "$desk/secrets/$name"; echo; } | sha256sum; done)
exact() { [ "$(dev --secrets "$@" -- sh -c "$show" 2>&1 | tee "$scratch/exact" | grep -- '-$')" = "$stored" ] || { cat "$scratch/exact"; false; }; }
(cd "$desk/secrets" && jq --null-input --rawfile a API_KEY --rawfile h HOSTILE --rawfile s SEVERAL '{API_KEY: $a, HOSTILE: $h, SEVERAL: $s}') >"$desk/secrets.json"
sed "s/'/'\\\\''/g" "$desk/secrets/HOSTILE" >"$desk/quoted"
printf "# dotenv\nexport API_KEY=%s # the key\n\nHOSTILE='%s'\nSEVERAL=\"%s\"\n" "$secret" "$(cat "$desk/quoted")" "$(cat "$desk/secrets/SEVERAL")" >"$desk/secrets.env"
from_variables() { API_KEY=$secret HOSTILE=$(cat "$desk/secrets/HOSTILE") SEVERAL=$(cat "$desk/secrets/SEVERAL") exact "$@"; }
check "Infisical's secrets arrive to the octet" exact infisical:staging:/box
check "from the environment and folder that were named" says '^export --format=json --env=staging --path=/box$' cat "$desk/asked"
as_dotenv() { DOTENV=1 exact infisical; }
check "also as dotenv, whose quotes it does not escape" as_dotenv
check "1Password's do" exact op:work/box
check "so do those of pass" exact pass:work/box
check "of a dotenv file" exact "file:$desk/secrets.env"
check "of a JSON file" exact "file:$desk/secrets.json"
check "and of the environment" from_variables env:API_KEY,HOSTILE,SEVERAL
check "nothing in them was executed" fails 1 '^$' test -e /tmp/pwned
number=0
for bad in 'A="open' 'no sign' '1A=x' '{"A": ' 'CODETAINER_EGRESS=audit' '# none'; do
    number=$((number + 1))
    printf '%s\n' "$bad" >"$desk/bad-$number"
done
check "a quote that is not closed is a line of the file" fails 65 'secrets of file:.*: line 1: the quote' dev --secrets "file:$desk/bad-1" true
check "so is what is no assignment" fails 65 'line 1: NAME=VALUE expected' dev --secrets "file:$desk/bad-2" true
check "and what is no name" fails 65 'line 1: this is not the name of a variable' dev --secrets "file:$desk/bad-3" true
check "half of a document is no JSON" fails 65 'not JSON at octet 7' dev --secrets "file:$desk/bad-4" true
check "a secret does not steer the cage" fails 65 'secret CODETAINER_EGRESS would steer programs' dev --secrets "file:$desk/bad-5" true
check "none is a mistake" fails 65 'there is none' dev --secrets "file:$desk/bad-6" true
from_json() { # JSON: each name with its value
    rm -rf "$desk/parsed" && mkdir "$desk/parsed"
    "$scripts/workstation/parse" "$desk/parsed" test <<<"$1" && (cd "$desk/parsed" && grep --with-filename '' -- *)
}
check "what JSON has without quotes is its text, and null is none" diff \
    <(from_json '{"A":1,"B":"x","C":true,"D": -2.50e3 ,"E":null,"F":"null","G":false}') \
    <(printf '%s\n' A:1 B:x C:true D:-2.50e3 F:null G:false)
check "also beside a key" diff <(from_json '[{"key":"A","value":1},{"key":"B","value":null}]') <(echo A:1)
check "what is no value is said" fails 65 'not JSON at octet 6: a value expected' from_json '{"A":yes}'
signed_out() { BROKEN=1 dev "$@"; }
check "a manager that fails ends it" fails 69 'infisical has failed: see' signed_out --secrets infisical true
check "one that is not installed, too" fails 69 'op is not installed' env PATH=/usr/bin:/bin docker="$docker" "$scripts/dev" --image $workstation --secrets op:a/b
check "what is no source is said" fails 64 'say infisical' dev --secrets vault:a true
check "so is an engine that does not answer" fails 69 'the engine does not answer' env docker=/bin/false "$scripts/dev" true
check "and an image that is not there" fails 66 'there is no image' dev --image no-such-image true
check "an engine that cannot run it" fails 69 'the engine could not run the box' dev --secrets infisical --memory 1 true
left() { compgen -G '/dev/shm/codetainer-dev.*' || docker ps --all --quiet --filter label=codetainer.dev --filter label=$label; }
check "a command's own 125 is its" fails 125 '' dev sh -c 'exit 125'
in_folder() { # FOLDER COMMAND…: where it is, by a relative name, what a box has there of its secret
    mkdir -p "$desk/$1" && (cd "$desk" && CDPATH=/:$desk CODETAINER_DEV_TMP=$1 dev --secrets "file:secrets.env" "${@:2}" && rmdir "$1")
}
check "a folder of any name holds them, by a relative one too" says "^$secret\$" in_folder 'of, "mine"' printenv API_KEY
bounded() { HOME=$desk/home "$scripts/dev" --dry-run --session "$1" 2>&1; }
beyond() { for one in . ./ "$desk/home/" .config/. .. /etc ''; do fails 64 'name what is below your home' bounded "$one" || return; done; }
check "no session is the home itself, nor outside of it" beyond
check "what is in it is one" says "source=$desk/home/.config.*,readonly" bounded .config
check "of all these nothing is left" silent left

# Inside.
box_ready() { docker exec "$label-$1" test -e /run/codetainer/ready || { docker logs "$label-$1"; false; }; }
mkdir "$desk/own" && echo allowed.test >"$desk/own/own.conf"
"${dev[@]}" --name $label-box --secrets infisical --allow "$desk/own" sleep infinity >"$scratch/box" 2>&1 </dev/null &
dev_pid=$!
check "the box is there" within 20 box_ready box
caged_in_box() { # COMMAND, with all that confines the agent
    docker exec $label-box sh -c 'command=$1
        eval "set -- $(codetainer status --json | jq --raw-output ".cage | @sh")"
        codetainer confine "$@" env HOME=/home/claude bash -c "$command"
        exit $?' - "$1"
}
check "it is LOCKED" says LOCKED docker exec $label-box status
check "the agent has the numbers of the project's owner" says '^4321:4322 claude$' docker exec --user claude $label-box sh -c 'echo $(id -u):$(id -g) $(id -un)'
check "what it makes at /app is theirs" says '^4321:4322$' sh -c "$docker exec --user claude $label-box sh -c 'echo made >/app/made'; stat -c %u:%g '$desk/project/made'"
check "it reads the person's keys" says '^a key$' caged_in_box 'cat ~/.ssh/id_test'
check "and cannot write them" fails 1 'Read-only file system' caged_in_box 'echo x >~/.ssh/id_test'
unwritable() { # PATH…: those of the home that are
    local path
    for path; do fails 1 'Read-only file system' caged_in_box "echo x >>~/$path" || return; done
}
check "nor sign-ins and git's configuration" unwritable .ssh/new .gitconfig .config/git/ignore \
    .claude/.credentials.json .gemini/oauth_creds.json
check "what is beside them it can" silent caged_in_box 'echo x >~/.claude/settings.json && echo x >~/other && echo x >/app/other'
check "it cannot move them away" fails 1 'busy' caged_in_box 'mv ~/.ssh ~/mine'
check "as it can what is its own" silent caged_in_box 'mkdir ~/some && mv ~/some ~/mine'
check "nor unmount them" fails '(1|32)' '(must be superuser|not permitted)' caged_in_box 'umount ~/.ssh'
check "nor have them writable again" fails '(1|32)' '(must be superuser|denied|not permitted)' caged_in_box 'mount -o remount,bind,rw ~/.ssh'
check "nor start more processes than 100" says 'Resource temporarily unavailable' caged_in_box 'for turn in $(seq 150); do sleep 3 & done'
check "as it can start some" silent caged_in_box 'for turn in $(seq 20); do sleep 1 & done; wait'
check "git is who the person is" says '^Ada Lovelace$' docker exec --user claude $label-box git config user.name
check "and asks by ssh where it is told to" fails 1 '^$' docker exec --user claude $label-box git config --get-all url.https://github.com/.insteadOf
check "the limits are in force" json box '[.limits[] | select(.name != "tmpfs") | [.name, .limit]] == [["memory", 4294967296], ["cpu", 2000], ["pids", 100]]'
raised() { dev --memory 3g --cpus 1.5 --pids 300 -- codetainer status --json | jq --exit-status '[.limits[] | select(.name != "tmpfs") | .limit] == [3221225472, 1500, 300]'; }
check "raised where an option says so" raised
check "and shown" says 'cpu +\[.*of 2.00 CPU' docker exec $label-box status
check "no program gains privileges" says '^NoNewPrivs:.1$' docker exec $label-box grep NoNewPrivs /proc/1/status
check "an allowed host is reached" says 'reached allowed.test' docker exec --user claude $label-box curl -sSk https://allowed.test
check "another is not" fails 2 '^$' docker exec --user claude $label-box getent hosts denied.test
check "verify holds" says '^HOLDS' docker exec $label-box codetainer verify
shows_secret() { docker inspect $label-box | grep -F "$secret"; }
check "docker inspect has no secret" fails 1 '^$' shows_secret
check "nor has the engine's disk" fails 1 '^$' grep -rF "$secret" /var/lib/docker/containers
check "nor the host's" fails 1 '^$' grep -rlF "$secret" /dev/shm
check "nor the box, where they were mounted" fails '[12]' 'No such file' docker exec $label-box ls /run/secrets/API_KEY
ln -s "$scripts/dev" "$scratch/cabin"
check "another call, by another name, ends nothing of it" "${dev[@]/%"$scripts/dev"/"$scratch/cabin"}" true
check "so it is there still" box_ready box
kill -TERM $dev_pid
ended_dev() { ! kill -0 $dev_pid 2>/dev/null; }
check "SIGTERM ends the box" within 15 ended_dev
check "and nothing is left" within 5 silent left
check "its code is the command's" fails 7 '' dev sh -c 'exit 7'
printf "API_KEY=%s\n" "$secret" >"$desk/one.env"
"${dev[@]}" --name $label-file --secrets "file:$desk/one.env" --hand-over env-file sleep 4 >/dev/null 2>&1 </dev/null &
dev_pid=$!
within 10 docker exec $label-file true >/dev/null
check "as an env-file, Docker shows what the help says it shows" says "API_KEY=$secret" docker inspect $label-file
check "but the file is gone" within 2 fails 1 '^$' compgen -G '/dev/shm/codetainer-dev.*/env'
wait $dev_pid
check "and the agent has it all the same" says "^$secret\$" dev --secrets "file:$desk/one.env" --hand-over env-file printenv API_KEY
check "the login shell has both agents" says '^(claude 2.0.14|gemini 0.9.0) in /app as 4321:4322 with: hello$' \
    dev bash -lc 'claude hello; gemini hello'

# Boot looks for itself.
without=(--rm --label "$label" --dns "${v4}53" --cap-drop ALL --cap-add NET_ADMIN --cap-add SETUID --cap-add SETGID --cap-add SETPCAP
    --cap-add KILL --cap-add CHOWN --cap-add DAC_OVERRIDE --read-only --tmpfs "/run:size=16m,nosuid,nodev"
    --tmpfs "/tmp:size=64m,nosuid,nodev,mode=1777" --tmpfs "/home/claude:size=64m,nosuid,nodev,uid=1000,gid=1000,mode=700")
bare_box() { docker run "${without[@]}" --volume "$volume:/app" "$@"; }
volume=$label-app
docker volume create --label $label --opt type=tmpfs --opt device=tmpfs --opt o=nosuid,nodev,uid=1000 $volume >/dev/null
check "keys that are mounted writable end boot where nobody may mount" fails 78 '/home/claude/.ssh is mounted writable and must not be' \
    bare_box --mount "type=volume,source=$volume,target=/home/claude/.ssh" $workstation
at_home=$label-home
docker volume create --label $label $at_home >/dev/null
in_home() { docker run --rm --label $label "${capabilities[@]}" --volume "$at_home:/home/claude" --dns "${v4}53" "$@"; }
in_home --entrypoint sh $workstation -c 'mkdir /home/claude/.ssh; echo a key >/home/claude/.ssh/id; chown -R claude:claude /home/claude'
check "keys in a home that is a volume become read-only where boot may mount" fails 2 'cannot create .*Read-only file system' \
    in_home $workstation --cage -- sh -c 'cat ~/.ssh/id; echo x >~/other; exec sh -c "echo x >~/.ssh/id"'
check "and what is beside them does not" says '^x a key$' in_home $workstation --cage -- sh -c 'echo $(cat ~/other ~/.ssh/id)'
in_home --entrypoint sh $workstation -c 'ln -sf /home/claude/other /home/claude/.gitconfig'
check "a link in their place ends boot" fails 78 '/home/claude/.gitconfig must be read-only and is reached by a link' in_home $workstation --cage -- true
check "and limits that nobody set are shown as off" says 'memory-limit +off +none is in force: add .--memory 4g.' \
    bare_box $workstation --cage -- sh -c 'sleep 1; status'
printf 'FROM %s\nRUN printf "machine example.com login a password %%s" hunter2 >/root/.netrc\n' $workstation | docker build --quiet --tag $label-baked - >/dev/null
baked() { docker run --rm --label $label "${capabilities[@]}" --dns "${v4}53" "$@"; }
check "a credential in the image ends boot" fails 78 'the image holds a password in /root/.netrc, line 1: remove it' baked $label-baked
check "which one that is mounted does not" says '^there$' baked --volume "$desk/home/.ssh:/root/.ssh:ro" $workstation --cage -- echo there

# 50 runs, every other ended at a random moment; an engine's stand-in makes most of them quick.
strikes() { # RUNS ENGINE
    HOME=$desk/home PATH=$desk/bin:$PATH SECRETS=$desk/secrets ENGINE_LOG=$scratch/engine docker=$2 timeout 200 "$box/strike" "$1" "$secret" \
        "$scripts/dev" --code "$desk/project" --image $workstation --engine --label=$label --engine "--dns=${v4}53" --secrets infisical sleep 0.2
}
strikes 38 "$box/engine" >"$scratch/struck"
strikes 12 "$(type -P "$docker")" >"$scratch/struck-engine"
held_of() { # FILE RUNS: one or two may be over when they are struck
    cat "$1"
    jq --exit-status ".runs == $2 and .struck == $2 / 2 and .seen == [] and .control > 0
        and (.codes[\"0\"] | . >= $2 / 2 and . <= $2 / 2 + 2)" "$1"
}
check "of 38 runs none shows a secret in a process's arguments" held_of "$scratch/struck" 38
check "of 12 with the engine, too" held_of "$scratch/struck-engine" 12
check "nor did the engine's client get one" fails 1 '^$' grep -F "$secret" "$scratch/engine"
on_disk() { # others' files come and go meanwhile
    grep -rslF "$secret" /dev/shm /tmp /var/tmp /run /var/lib/docker/containers --exclude-dir="$(basename "$scratch")" --exclude-dir=docker |
        grep .
}
check "and when the last is over nothing is left" within 20 silent left
check "no secret is on a disk" fails 1 '^$' on_disk
printf %s "$secret" >/dev/shm/$label-control
check "where one would be found" says "^/dev/shm/$label-control$" on_disk
rm /dev/shm/$label-control

# Compose, the file as it is.
cp -r ../../deploy/compose "$scratch/box-compose" && cp "$desk/secrets/API_KEY" "$scratch/box-compose/secrets/workstation"
printf another_cages >"$scratch/box-compose/secrets/GH_PAT"
boxed() {
    HOME=$desk/home CODE=$desk/project CODETAINER_IMAGE=$workstation LABEL=$label WORLD_DNS=${v4}53 STAND_IN=$box/program docker-compose \
        --project-name "$label-box" --file "$scratch/box-compose/workstation.yaml" --file ../Deploy/world.yaml "$@"
}
check "the tools of this test are there" silent ../Deploy/tools
check "the Compose file is what the specification has" ../Deploy/validate compose ../../deploy/compose/workstation.yaml
check "Compose starts a box" boxed up --detach
check "which is ready" within 20 box_ready compose
check "and LOCKED" says LOCKED docker exec $label-compose status
check "with the owner's numbers" says '^4321:4322$' docker exec --user claude $label-compose sh -c 'echo $(id -u):$(id -g)'
check "and keys that cannot be written" fails '[12]' 'Read-only file system' docker exec --user claude $label-compose sh -c 'echo x >~/.ssh/id_test'
compose_secret() { docker exec $label-compose sh -c 'tr "\0" "\n" </proc/$(pgrep -u claude -o bash)/environ'; }
check "the shell has its secret" says "^API_KEY=$secret\$" compose_secret
check "and none of the other Compose files'" fails 1 '^$' eval 'compose_secret | grep GH_PAT'
check "and the limits" json compose '[.limits[] | select(.name != "tmpfs") | .limit] == [4294967296, 2000, 100]'
check "Compose stops it" boxed stop
check "and takes it away" boxed down
docker image rm --force $workstation:latest $workstation:v1.2.3 $workstation-again:latest $workstation-again:v1.2.3 $label-baked $label-bun >/dev/null 2>&1
