#!/bin/sh
# Starts a cage with Docker: limits, a health check, secrets as files, an allowlist of its own.
#
# usage: deploy/docker/run.sh [OPTION...] [-- DOCKER-OPTION...]
#
#   --name NAME          the container's name: cage by default
#   --image IMAGE        codetainer:local by default; scripts/build makes it
#   --profile NAME       claude-code by default; shell has no agent and needs no secret
#   --allow FOLDER       its file own.conf is read after the image's allowlist
#   --secret NAME=FILE   as often as there are secrets; the file is mounted, and unmounted by boot
#   --dry-run            print the command and run nothing
#
# GIT_USER_NAME, GIT_USER_EMAIL, REPO_URL, CLAUDE_PROMPT and TZ are handed on when they are set.
# $docker is the client, $MEMORY and $PROCESSES the limits: docker, 4g and 1024 by default.
set -eu

fail() { echo "deploy/docker/run.sh: $1" >&2; exit "$2"; }
path() { [ -e "$1" ] || fail "$1 does not exist: $2" 66; (cd "$(dirname "$1")" && echo "$PWD/$(basename "$1")"); }

docker=${docker:-docker} name=cage image=codetainer:local profile=claude-code allow='' secrets='' run=
while [ $# -gt 0 ]; do
    case $1 in
        --name | --image | --profile | --allow | --secret)
            [ $# -ge 2 ] || fail "$1 takes a value: see the top of this file" 64 ;;
    esac
    case $1 in
        --name) name=$2 ;;
        --image) image=$2 ;;
        --profile) profile=$2 ;;
        --allow) allow=$(path "$2" "--allow takes a folder") ;;
        --secret)
            case $2 in [A-Z]*=?*) ;; *) fail "--secret $2: say NAME=FILE" 64 ;; esac
            # The shell splits at newlines below, so a path may hold anything else.
            secrets="$secrets${secrets:+
}$(path "${2#*=}" "--secret takes NAME=FILE"):/run/secrets/${2%%=*}:ro" ;;
        --dry-run) run='echo'; shift; continue ;;
        --) shift; break ;;
        *) sed -n '2,/^set/{/^set/!s/^# \{0,1\}//p;}' "$0" >&2; exit 64 ;;
    esac
    shift 2
done

# What PID 1 needs during boot, and no more than it: DAC_OVERRIDE to read secrets whose files are
# yours and nobody else's. AppArmor's profile for containers forbids every mount; where AppArmor is
# not active the option changes nothing.
set -- --detach --name "$name" \
    --cap-drop ALL --cap-add NET_ADMIN --cap-add SYS_ADMIN \
    --cap-add SETUID --cap-add SETGID --cap-add SETPCAP --cap-add KILL --cap-add CHOWN \
    --cap-add DAC_OVERRIDE \
    --security-opt apparmor=unconfined \
    --memory "${MEMORY:-4g}" --pids-limit "${PROCESSES:-1024}" \
    --health-cmd 'codetainer health' --health-interval 30s --health-timeout 10s --health-start-period 5s \
    --env "CODETAINER_PROFILE=$profile" "$@"
for variable in GIT_USER_NAME GIT_USER_EMAIL REPO_URL CLAUDE_PROMPT TZ; do
    ! printenv "$variable" >/dev/null || set -- "$@" --env "$variable"
done
# The folder and not the file: an editor replaces the file, and a mount would keep the old one.
[ -z "$allow" ] || set -- "$@" --volume "$allow:/opt/network/own:ro" \
    --env CODETAINER_ALLOWLIST=/opt/network/domains.conf:/opt/network/own/own.conf
IFS='
'
for secret in $secrets; do set -- "$@" --volume "$secret"; done
exec $run "$docker" run "$@" "$image"
