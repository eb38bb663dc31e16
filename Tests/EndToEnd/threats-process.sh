# shellcheck shell=bash
# shellcheck disable=SC2016 # what a container's shell expands
# Rows 22 to 33 of the catalogue, in every way that a cage is started. escape/ has the attempts: a
# program that makes each of them in the cage, and as root in a container without one.
echo '-- threats: processes'
docker build --quiet --build-arg "IMAGE=$image" --tag $label-developer developer >/dev/null
mkdir "$scratch/attack"
docker run --rm --volume "$PWD/escape:/escape:ro" --volume "$scratch/attack:/out" --entrypoint sh \
    $label-developer -c 'gcc -O1 -static -Wall -Werror -o /out/escape /escape/*.c &&
        cp /out/escape /out/set-id && chmod 6755 /out/set-id'
attack=(--volume "$scratch/attack:/opt/attack:ro")
# What --privileged gives, where an engine cannot give it: a machine without CAP_SYS_RESOURCE.
privileged=(--privileged)
if ! docker run --rm --privileged --entrypoint true "$image" 2>/dev/null; then
    echo 'NOTE    this engine cannot start --privileged: it is stood in for by every capability but' \
        'SYS_RESOURCE, no seccomp, no AppArmor, open /proc, devices, and a writable /sys'
    privileged=(--cap-add ALL --cap-drop SYS_RESOURCE --security-opt seccomp=unconfined
        --security-opt systempaths=unconfined "${apparmor[@]}" --device-cgroup-rule 'a *:* rwm'
        --volume /sys:/sys --volume /sys/fs/cgroup:/sys/fs/cgroup)
    for device in vda sda nvme0n1 kmsg mem fuse kvm net/tun loop-control port; do
        [ ! -e /dev/$device ] || privileged+=(--device "/dev/$device")
    done
fi

caged "${attack[@]}" --detach --name $label-plain >/dev/null
minimal "${attack[@]}" --security-opt no-new-privileges --detach --name $label-least >/dev/null
cage "${attack[@]}" --detach --name $label-network >/dev/null
docker run "${privileged[@]}" "${attack[@]}" --env CODETAINER_PROFILE=shell --label $label --detach \
    --name $label-privileged "$image" >/dev/null
styles='plain least network privileged'
for style in $styles; do
    within 20 ready "$style" >/dev/null
    docker exec "$label-$style" touch /tmp/.escape-of-root
    resolver=$(docker exec "$label-$style" codetainer status --json | jq .resolver.pid)
    agent_of "$style" "/opt/attack/escape caged $resolver" >"$scratch/escape.$style" 2>&1
done
# The same as root where nothing confines it; a mount namespace of its own for each keeps it harmless.
docker run --rm "${privileged[@]}" "${attack[@]}" --label $label --entrypoint /opt/attack/escape \
    $label-world control >"$scratch/escape.control" 2>&1
for kind in caged control; do
    docker run --rm "${attack[@]}" --entrypoint /opt/attack/escape $label-world list $kind \
        >"$scratch/escape.list.$kind"
done
# came ROW STYLE…: every attempt of the row was made, and came to what it must.
came() {
    local row=$1 style failed=0 list=caged
    shift
    for style; do
        [ "$style" != control ] || list=control
        grep "^$row " "$scratch/escape.$style" | sed "s/^/$style /"
        grep "^$row .* DIFFERS " "$scratch/escape.$style" && failed=1
        [ "$(grep "^$row " "$scratch/escape.$style" | cut -d' ' -f1,2)" = \
            "$(grep "^$row " "$scratch/escape.list.$list")" ] || failed=1
    done
    grep -q "^$row " "$scratch/escape.list.$list" && [ $failed = 0 ]
}
held() { came "$1" plain least network privileged; }
works() { came "$1" control; }
verdicts() { for style in $styles; do docker exec "$label-$style" status | head -1; done; }

check "all four launch styles are cages" all 4 '^LOCKED' verdicts
check "T22 PID 1 and the resolver cannot be traced, read or changed; a child can" held 22
check "T22 which root can, outside" works 22
check "T23 nobody else's environment, memory, root or descriptors" held 23
check "T23 which root can, outside" works 23
check "T24 the mount tree cannot be changed, by the old calls or the new" held 24
check "T24 which root can, outside" works 24
check "T25 no namespace is made or entered; threads and processes are" held 25
check "T25 which root can, outside" works 25
check "T26 kernel interfaces are refused; 32-bit and x32 entry ends the process" held 26
check "T26 which answer outside" works 26
check "T27 nobody else is become, and no file makes it so" held 27
check "T27 which root can, outside" works 27
check "T28 nothing is typed into a terminal, and none of somebody else is opened" held 28
check "T28 which root can, outside" works 28
check "T29 /run/codetainer is out of reach" held 29
check "T30 the control socket answers the agent what is the agent's" held 30
check "T31 limits cannot be raised" held 31
check "T32 services cannot be signalled" held 32
check "T32 which root can, outside" works 32
check "T33 files of root's, devices and the kernel's own files are out of reach" held 33
check "T33 which are not, outside" works 33
gained() { for style in $styles; do agent_of "$style" '/opt/attack/set-id whoami | tr "\n" " "; echo'; done; }
check "T27 a set-id program gains nothing" all 4 '^euid 1000 egid 1000 CapEff:.0{16} $' gained
check "T27 as it does outside" says '^euid 0 egid 0$' docker run --rm "${attack[@]}" --user 1000:1000 \
    --entrypoint /opt/attack/set-id $label-world whoami
alive() { for style in $styles; do docker exec "$label-$style" codetainer health; done; }
check "all four answer after it" all 4 '"LOCKED"' alive
verifications() { for style in $styles; do verify "$style" | tail -1; done; }
check "verify holds in all four" all 4 '^HOLDS: ([0-9]+) of \1 attacks' verifications
same_boot() { for style in $styles; do json "$style" '.resolver.restarts'; done; }
check "and their resolvers are the first" all 4 '^0$' same_boot

one_fewer() {
    local capability all=$least
    for capability in $all; do
        local least=${all/$capability/}
        fails 77 "lacks CAP_$capability: add .--cap-add $capability." minimal --rm >/dev/null &&
            echo "$capability is needed"
    done
}
check "one capability fewer than the least stops boot, and is named" all 6 ' is needed$' one_fewer
for style in $styles; do docker rm --force "$label-$style"; done >/dev/null
