# shellcheck shell=bash
# Assertions. A command's output shows only when its check fails.
#
#   check "what holds" COMMAND…             the command succeeds
#   fails CODE REGEX COMMAND…               it exits with CODE (a regex too) and says REGEX
#   says REGEX COMMAND…                     it succeeds and says REGEX
#   silent COMMAND…                         it succeeds and says nothing
#   all COUNT REGEX COMMAND…                it says so many lines, and each is REGEX
passed=0 failed=0

check() {
    local what=$1 output status=0
    shift
    output=$("$@" 2>&1) || status=$?
    if [ "$status" = 0 ]; then
        passed=$((passed + 1))
        printf 'ok      %s\n' "$what"
    else
        failed=$((failed + 1))
        printf 'FAILED  %s\n' "$what"
        printf '%s\n' "  \$ $*" "${output:-(no output)}" | sed 's/^/        | /'
    fi
}

fails() {
    local code=$1 regex=$2 output status=0
    shift 2
    output=$("$@" 2>&1) || status=$?
    printf '%s\nexit code %s, expected %s and /%s/\n' "$output" "$status" "$code" "$regex"
    [[ $status =~ ^($code)$ ]] && grep -qE -- "$regex" <<<"$output"
}

says() {
    local regex=$1
    shift
    fails 0 "$regex" "$@"
}

silent() {
    local output
    output=$("$@" 2>&1) || { echo "$output"; return 1; }
    printf '%s\n' "$output"
    [ -z "$output" ]
}

all() {
    local count=$1 regex=$2 output
    shift 2
    output=$("$@" 2>&1) || : # the last line's own result
    printf '%s\nexpected %s lines, each /%s/\n' "$output" "$count" "$regex"
    [ "$(grep -cE -- "$regex" <<<"$output")" = "$count" ] && ! grep -qvE -- "$regex" <<<"$output"
}

# The command's number is below the limit (figures may have a fraction).
below() {
    local limit=$1 figure
    shift
    figure=$("$@") || return
    echo "$figure, to be below $limit"
    awk -v figure="$figure" -v limit="$limit" \
        'BEGIN { exit !(figure ~ /^[0-9.]+$/ && figure + 0 < limit) }'
}

# Tries a command ten times a second until it succeeds.
within() {
    local seconds=$1 end
    shift
    end=$((SECONDS + seconds))
    until "$@" >/dev/null 2>&1; do
        if ((SECONDS > end)); then
            "$@"
            return
        fi
        sleep 0.1
    done
}
