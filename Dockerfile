# TOOLCHAIN chooses where the binary comes from. The Swift image builds it; an image without a
# compiler takes the one that scripts/build left in .build/image. One stage does both, as a builder
# without BuildKit runs every stage, wanted or not.
ARG TOOLCHAIN=swift:6.3-bookworm
# What the image is made of.
ARG BASE=debian:bookworm-slim
FROM ${TOOLCHAIN} AS binary
# There is no .git in here.
ARG COMMIT=unknown
ARG AGENT=claude
WORKDIR /source
COPY . .
RUN if ! command -v swift >/dev/null; then \
        install -D -t /out .build/image/codetainer && mkdir /out/lib \
        && if [ "$AGENT" = licensed ]; then install -t /out/lib .build/image/codetainer-lease; fi \
        && exec cp -R .build/image/share /out/share; fi; \
    apt-get update && apt-get install --yes --no-install-recommends \
        jq libcurl4-openssl-dev libnftnl-dev libmnl-dev libseccomp-dev pkg-config \
    && CODETAINER_COMMIT=${COMMIT} scripts/swift-release \
    && mkdir -p /out/lib \
    && if [ "$AGENT" = licensed ]; then CODETAINER_COMMIT=${COMMIT} scripts/lease-release \
        && install --strip -t /out/lib "$(scripts/lease-release --show-bin-path)/codetainer-lease"; fi \
    && install -D --strip -t /out "$(scripts/swift-release --show-bin-path)/codetainer" \
    && scripts/manual /out/codetainer /out/share
# Seconds since 1970 that all files get, so that the same inputs make the same layers; empty leaves
# their times alone.
ARG SOURCE_DATE_EPOCH=
RUN image/lay /out/codetainer /out/share /tree

FROM ${BASE}
ARG SOURCE_DATE_EPOCH=
# With the time in it, so that no cache has what is copied next with another.
LABEL org.opencontainers.image.title="codetainer" \
      org.opencontainers.image.description="A locked container for an AI coding agent" \
      codetainer.time="${SOURCE_DATE_EPOCH}"
COPY --from=binary /tree/install/ /
RUN : >/opt/start && apt-get update && apt-get install --yes --no-install-recommends \
        bash ca-certificates curl gh git jq less procps ripgrep tmux \
    && groupadd --system --gid 900 codetainer-resolver \
    && useradd --system --uid 900 --gid codetainer-resolver --no-create-home \
        --home-dir /nonexistent --shell /usr/sbin/nologin codetainer-resolver \
    && for name in status attach attach-claude; do ln -s codetainer "/usr/local/bin/$name"; done \
    && ln -s ../lib/codetainer/gh /usr/local/bin/gh \
    && install -d /etc/claude-code \
    && ln -s /opt/claude/managed-settings.json /etc/claude-code/managed-settings.json \
    && git config --system include.path /run/codetainer/gitconfig \
    && /opt/install/parts/settle /opt/start

# Each agent, its account and what it needs are installed by a script of its name, which gets the
# words of AGENT_VERSION; where the host's pip has fetched what it takes from PyPI, that is in
# /opt/wheels. Its profile is booted, unless another is mounted over it or CODETAINER_PROFILE names
# one. No program keeps a set-user-ID bit.
ARG AGENT=claude
ARG AGENT_VERSION=latest
RUN : >/opt/start; \
    [ -f "/opt/install/${AGENT}" ] || { echo "AGENT=${AGENT}: not one of image/install" >&2; exit 64; }; \
    "/opt/install/${AGENT}" ${AGENT_VERSION} \
    && if [ -d /opt/wheels ]; then rm -r /opt/wheels; fi \
    && install -d /etc/codetainer \
    && echo "extends = \"${AGENT}\"" >/etc/codetainer/profile.toml \
    && find / -xdev -perm /6000 -exec chmod a-s {} + \
    && /opt/install/parts/settle /opt/start

COPY --from=binary /tree/image/ /

ENV LANG=C.UTF-8
# Whether PID 1 works and, where the profile has a port, the agent accepts connections there.
HEALTHCHECK --interval=30s --timeout=10s --start-period=5s --retries=3 CMD ["codetainer", "health"]
ENTRYPOINT ["/usr/local/bin/codetainer", "init"]
