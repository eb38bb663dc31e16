# shellcheck shell=bash
# Telemetry of the agent's: with all of it set, with some, with none, and with what is wrong.
echo '-- telemetry'
api_token=glc_E2eVw8Zt3Ky6Nq1Rb5
telemetry() { # NAME OPTION…
    cage --name "$label-$1" --env CODETAINER_PROFILE=claude-code --env GH_PAT=$token \
        --env CLAUDE_CODE_OAUTH_TOKEN=oauth_e2e --volume "$PWD/claude:/usr/local/bin/claude:ro" "${@:2}"
}
grafana=(--env GRAFANA_INSTANCE_ID=123456 --env "GRAFANA_API_TOKEN=$api_token"
    --env GRAFANA_OTLP_ENDPOINT=https://otlp.test:4318/otlp)
telemetry telemetry --detach "${grafana[@]}" --env FLY_APP_NAME=app --env FLY_MACHINE_ID=148e21 \
    --env OTEL_RESOURCE_ATTRIBUTES=team.id=platform,fly.app_name=mine >/dev/null
telemetry telemetry-private --detach "${grafana[@]}" --env OTEL_LOG_USER_PROMPTS=0 --env OTEL_LOG_TOOL_DETAILS=0 \
    --env OTEL_LOG_TOOL_CONTENT=1 >/dev/null
telemetry telemetry-off --detach --env OTEL_LOG_USER_PROMPTS=1 --env OTEL_RESOURCE_ATTRIBUTES=a=b \
    --env OTEL_METRICS_EXPORTER=otlp --env FLY_APP_NAME=app >/dev/null
telemetry telemetry-half --detach --env GRAFANA_INSTANCE_ID=123456 \
    --env GRAFANA_OTLP_ENDPOINT=https://otlp.test:4318/otlp >/dev/null
exported() { # CAGE: what the agent's process knows of it
    docker exec --user claude "$label-$1" sh -c 'cat "/proc/$(pgrep -u claude -o -x sleep)/environ"' |
        tr '\0' '\n' | grep -vx GOTELEMETRY=off | grep -E 'OTEL|TELEMETRY|GRAFANA|FLY' | LC_ALL=C sort
}
basic="Authorization=Basic $(printf %s "123456:$api_token" | base64)"
wanted="CLAUDE_CODE_ENABLE_TELEMETRY=1
CLAUDE_CODE_ENHANCED_TELEMETRY_BETA=1
OTEL_EXPORTER_OTLP_ENDPOINT=https://otlp.test:4318/otlp
OTEL_EXPORTER_OTLP_HEADERS=$basic
OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf
OTEL_LOGS_EXPORTER=otlp
OTEL_LOG_TOOL_CONTENT=1
OTEL_LOG_TOOL_DETAILS=1
OTEL_LOG_USER_PROMPTS=1
OTEL_METRICS_EXPORTER=otlp
OTEL_RESOURCE_ATTRIBUTES=fly.app_name=app,fly.machine_id=148e21,team.id=platform,fly.app_name=mine
OTEL_TRACES_EXPORTER=otlp"
exports() { # CAGE VARIABLES
    diff <(exported "$1") <(echo "$2")
}
# As an exporter does: by what is in the environment, and nothing else.
send='curl --silent --show-error --max-time 5 --header "${OTEL_EXPORTER_OTLP_HEADERS/=/: }" \
    --header "Content-Type: application/x-protobuf" --data-binary spans "$OTEL_EXPORTER_OTLP_ENDPOINT/v1/traces"'
taken="^POST /otlp/v1/traces 5 application/x-protobuf ${basic#*=}\$"
told() { # WORD: by log, by status, by files of root's, or by PID 1
    docker logs $label-telemetry 2>&1
    docker exec $label-telemetry sh -c 'status --json; cat /proc/1/environ /run/codetainer/boot.log; ls -A /run/codetainer'
}
nobody_tells() {
    local output
    output=$(told)
    grep -q '"verdict"' <<<"$output" && ! grep -F -e $api_token -e "${basic#* }" <<<"$output"
}

check "claude-code with telemetry boots" within 20 ready telemetry
check "the agent has the documented variables, and nothing else of it" within 5 exports telemetry "$wanted"
check "it is LOCKED" json telemetry '.verdict == "LOCKED"'
check "the agent sends, and it arrives" says '^taken$' agent_of telemetry "$send"
check "with the instance's name and token" says "$taken" docker exec $label-world cat /var/log/otlp
check "another port of that host stays closed" fails 7 'port 443 after [0-9]{1,2} ms' \
    agent_of telemetry 'curl --silent --show-error --max-time 5 https://otlp.test'
check "so does another host" fails 6 'resolve' \
    agent_of telemetry 'curl --silent --show-error --max-time 5 https://denied.test:4318'
check "the rule stays when the policy is read again" docker exec $label-telemetry codetainer reload
check "and it still arrives" says '^taken$' agent_of telemetry "$send"
check "neither log, status, files nor PID 1's environment tell the token" nobody_tells
check "who wants it private boots" within 20 ready telemetry-private
private=$(sed 's/\(OTEL_LOG_[A-Z_]*\)=1/\1=0/; /RESOURCE/d' <<<"$wanted")
check "a switch that is off is off, and content follows details" within 5 exports telemetry-private "$private"

check "without it claude-code boots" within 20 ready telemetry-off
check "nothing of it is the agent's" says '^$' within 5 exported telemetry-off
check "its host is no name" fails 6 'resolve' \
    agent_of telemetry-off 'curl --silent --show-error --max-time 5 https://otlp.test:4318/otlp/v1/traces'
by_address="curl --silent --show-error --max-time 5 --resolve otlp.test:4318:${v4}14 https://otlp.test:4318/otlp/v1/traces"
check "its address is refused" fails 7 'port 4318 after [0-9]{1,2} ms' agent_of telemetry-off "$by_address"
check "no query for it left" not_queried otlp.test "$(address telemetry-off IPAddress)"
check "no octet of it left" nothing_arrived "$(address telemetry-off IPAddress)" "${v4}14"
check "the same act, allowed in the other cage" says '^taken$' agent_of telemetry "$by_address"
check "is seen" arrived "$(address telemetry IPAddress)" "${v4}14"
no_word() { ! docker logs $label-telemetry-off 2>&1 | grep -i telemetry; }
check "the log has no word of it" no_word
check "with some of it claude-code boots" within 20 ready telemetry-half
check "and says once what is missing" all 1 'telemetry is off: GRAFANA_API_TOKEN is not set' \
    sh -c "docker logs $label-telemetry-half 2>&1 | grep -i telemetry"
check "status says it, too" says 'telemetry is off: GRAFANA_API_TOKEN' docker exec $label-telemetry-half status
check "and it is off" says '^$' within 5 exported telemetry-half
check "with no rule" fails 6 'resolve' \
    agent_of telemetry-half 'curl --silent --show-error --max-time 5 https://otlp.test:4318'

stops_boot() { # REGEX OPTION…
    local output
    output=$(fails 78 "$1" telemetry "telemetry-$BASHPID" --rm "${grafana[@]}" "${@:2}") || { echo "$output"; return 1; }
    [ "$(grep -c GRAFANA_ <<<"$output")" -le 2 ] && ! grep -F $api_token <<<"$output"
}
odd_endpoints() {
    for endpoint in http://otlp.test otlp.test https:// https://otlp.test@denied.test/otlp "https://u:$api_token@otlp.test" \
        https://10.0.0.1:4318 'https://[::1]' 'https://*.test' https://.test 'https://otlp.test:4318/x?y' 'https://otlp.test#@x' \
        https://otlp.test:53 https://otlp.test:99999 https://otlp.test:4318:1 'https://otlp.test\.evil.test' \
        $'https://otlp.test\ndenied.test' 'https://otlp.test denied.test' https://otlp.test./ https://otlp.test/../x; do
        stops_boot 'GRAFANA_OTLP_ENDPOINT .*: write it like https://' --env "GRAFANA_OTLP_ENDPOINT=$endpoint" ||
            { echo "with $endpoint"; return 1; }
    done
}
check "an endpoint that is none stops boot, with one line" odd_endpoints
check "so does a switch that says neither yes nor no" stops_boot 'OTEL_LOG_USER_PROMPTS must be 0 or 1' \
    --env OTEL_LOG_USER_PROMPTS=off
check "a token that is damaged" stops_boot 'secret GRAFANA_API_TOKEN contains whitespace' --env 'GRAFANA_API_TOKEN=a b'
check "and an instance that would end the header early" stops_boot 'GRAFANA_INSTANCE_ID contains a colon' \
    --env GRAFANA_INSTANCE_ID=1:2
docker rm --force $label-telemetry $label-telemetry-private $label-telemetry-off $label-telemetry-half >/dev/null
