# shellcheck shell=bash
# shellcheck disable=SC2016 # what a container's shell and dpkg-query expand
# A release of the image under test: checksums, bills of materials, signatures, and what tampering with
# any of it does. cosign is a stand-in's that takes cosign's options and signs truly (release/cosign).
echo '-- release'
tree=$(realpath ../..) releases=$scratch/releases
check "the tools of these tests are there" silent release/tools
mkdir -p "$releases/bin" "$releases/registry"
cp release/cosign "$releases/bin"
openssl ecparam -name prime256v1 -genkey -noout -out "$releases/cosign.key" 2>/dev/null
openssl ec -in "$releases/cosign.key" -pubout -out "$releases/cosign.pub" 2>/dev/null
without_cosign() { PATH=/usr/sbin:/usr/bin:/sbin:/bin "$@"; }
with_cosign() { # VERSION COMMAND…
    PATH=$releases/bin:$PATH STAND_IN_REGISTRY=$releases/registry STAND_IN_VERSION=$1 "${@:2}"
}
docker run --detach --name $label-registry --label $label --publish 127.0.0.1::5000 \
    --volume /usr/bin/docker-registry:/usr/bin/docker-registry:ro --entrypoint sh $label-world -c '
    printf "version: 0.1\nstorage: {inmemory: {}}\nhttp: {addr: \":5000\"}\n" >/tmp/config.yml
    exec docker-registry serve /tmp/config.yml' >/dev/null
registry=$(docker port $label-registry 5000/tcp)/codetainer-$label

docker build --quiet --label $label --tag $label-small - >/dev/null <<DOCKERFILE
FROM scratch
COPY --from=$image /usr/local/bin/codetainer /usr/local/bin/codetainer
DOCKERFILE
release() { "$tree/scripts/release" --image "$image" "$@"; }
# What does not depend on the image, of one that holds the program alone.
small() { "$tree/scripts/release" --image $label-small "$@"; }
released() { echo "$releases/$1/${2-}"; }
about() { jq -e "$2" "$releases/$1"; }

names_folder() { says "^$releases/$1$" "${@:2}"; }
check "without cosign a release is made, and says that it is not signed" \
    says 'release: not signed: cosign is not installed' without_cosign small --output "$releases/plain"
check "it has no signature" fails 2 'No such file' ls "$(released plain)"*.sig
check "who named a key is not told that all is well" fails 69 'not signed: cosign is not installed' \
    without_cosign small --output "$releases/keyed" --key "$releases/cosign.key"
check "with cosign and no key nothing is signed either" says 'not signed: no key is named' \
    with_cosign 2 small --output "$releases/keyless"
within 10 curl --silent --fail "http://${registry%%/*}/v2/" >/dev/null
check "with both it is signed" names_folder signed \
    with_cosign 2 release --output "$releases/signed" --key "$releases/cosign.key"
check "and where it is pushed, signed there" names_folder pushed \
    with_cosign 2 small --output "$releases/pushed" --key "$releases/cosign.key" --push "$registry"

# Checksums.
sums() { (cd "$releases/$1" && sha256sum --check --strict SHA256SUMS); }
check "every file's checksum is right" all 6 ': OK$' sums signed
unlisted() { find "$releases/signed" -type f -printf '%f\n' | grep -vxF -f <(awk '{ print $2 }' "$releases/signed/SHA256SUMS"); }
check "and every file has one, or is a signature of one" all 3 '^(SHA256SUMS|SHA256SUMS.sig|codetainer.sig)$' unlisted
cp -r "$releases/signed" "$releases/tampered"
printf x >>"$releases/tampered/codetainer"
printf x >>"$releases/tampered/SHA256SUMS"
check "a byte more is caught" fails 1 'codetainer: FAILED' sums tampered
same_image() { gzip -dc "$releases/$1/image.tar.gz" | tar -xO manifest.json | jq -r '.[0].Config' | sed 's/.json$//'; }
check "the image that was saved is the one" \
    says "^$(docker image inspect --format '{{.Id}}' $label-small | sed 's/sha256://')$" same_image pushed
check "the program is the image's own" cmp "$(released signed codetainer)" \
    <(docker run --rm --label $label --entrypoint cat "$image" /usr/local/bin/codetainer)
check "two releases of an image are the same" diff --recursive "$releases/plain" "$releases/keyless"

# Signatures.
verify_blob() { # VERSION RELEASE FILE OPTION…
    with_cosign "$1" cosign verify-blob --key "$releases/cosign.pub" --insecure-ignore-tlog=true "${@:4}" "$releases/$2/$3"
}
by_its_signature() { verify_blob 2 "$1" "$2" --signature "$(released "$1" "$2.sig")"; }
check "the program's signature holds" says 'Verified OK' by_its_signature signed codetainer
check "of a changed one it does not" fails 1 'invalid signature' by_its_signature tampered codetainer
check "the checksums' signature holds" says 'Verified OK' by_its_signature signed SHA256SUMS
check "of changed ones it does not" fails 1 'invalid signature' by_its_signature tampered SHA256SUMS
by_openssl() { openssl dgst -sha256 -verify "$releases/cosign.pub" -signature <(base64 -d "$1.sig") "$1"; }
check "openssl verifies it, too" says 'Verified OK' by_openssl "$(released signed SHA256SUMS)"
check "and refuses a changed one" fails 1 'Verification failure' by_openssl "$(released tampered SHA256SUMS)"
pinned=$(jq -r .reference "$(released pushed image.json)")
check "the image has the digest that the registry knows" \
    says "Digest: ${pinned##*@}" docker pull "$pinned"
verify_image() { with_cosign 2 cosign verify --key "$releases/cosign.pub" --insecure-ignore-tlog=true "$1"; }
check "its signature holds" says 'Verified OK' verify_image "$pinned"
check "another digest has none" fails 1 'no signatures found' verify_image "${pinned%?????}00000"
cp -r "$releases/plain" "$releases/three"
check "cosign 3 signs as well" silent with_cosign 3 "$tree/scripts/sign" --key "$releases/cosign.key" "$(released three SHA256SUMS)"
check "its bundle holds" says 'Verified OK' verify_blob 3 three SHA256SUMS --bundle "$(released three SHA256SUMS.sigstore.json)"
check "and not for another file" fails 1 'invalid signature' \
    verify_blob 3 tampered SHA256SUMS --bundle "$(released three SHA256SUMS.sigstore.json)"
check "beside it is the signature that older ones take" \
    says 'Verified OK' by_its_signature three SHA256SUMS
check "cosign 3 signs an image" silent with_cosign 3 "$tree/scripts/sign" --key "$releases/cosign.key" --image "$pinned"

# What it is made of.
broken_bill() {
    jq 'del(.creationInfo) | .packages[0].SPDXID = "no identifier"' "$(released signed "$1.spdx.json")" >"$releases/broken.json"
    release/validate "$releases/broken.json"
}
check "the program's bill is SPDX" silent release/validate "$(released signed codetainer.spdx.json)"
check "which a broken one is not" fails 1 'creation_info|CreationInfo' broken_bill codetainer
check "the image's bill is SPDX" silent release/validate "$(released signed image.spdx.json)"
check "which a broken one is not" fails 1 'creation_info|CreationInfo' broken_bill image
installed() {
    docker run --rm --label $label --entrypoint dpkg-query "$image" --show --showformat '${Package} ${Version} ${Architecture}\n' | sort
}
billed() {
    jq -r '.packages[] | select(.SPDXID | startswith("SPDXRef-deb-")) | "\(.name) \(.versionInfo) " +
        (.externalRefs[0].referenceLocator | capture("arch=(?<arch>[^&]*)").arch)' "$(released signed image.spdx.json)" | sort
}
check "the image's bill names what dpkg has, in its versions, and no more" diff <(installed) <(billed)
many() { [ "$(billed | wc -l)" -gt 90 ]; }
check "and that is more than ninety" many
check "git among them" grep -E '^git 1:2\.' <(billed)
check "and the program, by its checksum" says "$(cut -d ' ' -f 1 <(sha256sum "$(released signed codetainer)"))" \
    about signed/image.spdx.json '.packages[] | select(.name == "codetainer").checksums[0].checksumValue'
check "programs of no package, too" about signed/image.spdx.json \
    'any(.packages[]; .name == "/usr/local/lib/codetainer/gh" and .primaryPackagePurpose == "FILE")'
links() { about signed/codetainer.spdx.json "[.relationships[] | select(.relationshipType == \"STATIC_LINK\")] | length == ($1)"; }
check "the program's bill links each library that it says it has" links "$(jq '.libraries | length' "$(released signed version.json)")"
mkdir -p "$releases/extra/node_modules/@scope/name/node_modules/inner/dist"
echo '{"name":"@scope/name","version":"1.2.3"}' >"$releases/extra/node_modules/@scope/name/package.json"
echo '{"name":"inner","version":"4.5.6"}' >"$releases/extra/node_modules/@scope/name/node_modules/inner/package.json"
echo '{"name":"no package","version":"0"}' >"$releases/extra/node_modules/@scope/name/node_modules/inner/dist/package.json"
cp -r "$tree/.build/release-tools" "$releases/extra/python"
docker build --quiet --label $label --tag $label-extra --file - "$releases/extra" >/dev/null <<DOCKERFILE
FROM $label-small
COPY node_modules /usr/local/lib/node_modules
COPY python /opt/python
DOCKERFILE
"$tree/scripts/sbom" image $label-extra >"$releases/extra.spdx.json"
purl() { about extra.spdx.json "any(.packages[]; .externalRefs[0].referenceLocator == \"$1\")"; }
check "packages of pip are found" purl pkg:pypi/spdx-tools@0.8.5
check "packages of npm are found" purl pkg:npm/%40scope/name@1.2.3
check "below others, too" purl pkg:npm/inner@4.5.6
check "what only looks like one is none" fails 1 false about extra.spdx.json 'any(.packages[]; .name == "no package")'
check "and the bill is SPDX" silent release/validate "$releases/extra.spdx.json"
check "an image of the program alone has a bill, too" \
    about plain/image.spdx.json '[.packages[].name] | .[1] == "codetainer" and (map(select(startswith("/"))) == [])'
check "which is SPDX" silent release/validate "$(released plain image.spdx.json)"

# What the program says of itself.
program() { docker run --rm --label $label --network none --entrypoint codetainer "$image" "$@"; }
head=$(cd "$tree" && scripts/build-information --commit)
check "the program names the commit of this tree" says "^commit +${head%-modified}\b" program version
check "the same as JSON" about signed/version.json ".commit == \"${head%-modified}\" and .configuration == \"release\""
check "its version is --version's" says "^codetainer $(jq -r .version "$(released signed version.json)")$" program --version
toolchain() { if command -v swift >/dev/null; then swift --version 2>/dev/null | sed -n 's/^.*\(Swift version .*\)$/\1/p'; else echo Swift version 6; fi; }
check "the toolchain" grep -F "$(toolchain)" "$(released signed version.json)"
check "the libraries of Debian, Swift and their versions" about signed/version.json '[.libraries[] | .name] as $names
    | all("libnftnl", "libseccomp", "glibc", "swift", "swift-argument-parser", "swift-log", "swift-system"; IN($names[]))
    and all(.libraries[]; .version | test("^[0-9]+\\."))'

# Refusals.
check "an unknown option is said" fails 64 'unknown option --sign: see' release --sign
check "an option without its value" fails 64 '\-\-key needs a value' release --key
check "a folder that is there is left alone" fails 73 'plain is there already: remove it' release --output "$releases/plain"
check "a key that is not there" fails 66 'nowhere cannot be read' release --key "$releases/nowhere"
check "an image that is not there" fails 66 'no image codetainer:nonesuch' "$tree/scripts/release" --image codetainer:nonesuch
check "an image of other people" fails 65 'has no /usr/local/bin/codetainer' "$tree/scripts/release" --image debian:bookworm-slim --output "$releases/other"
check "a tag where a repository is meant" fails 64 'has a tag' release --push "$registry:1"
check "a repository that is not there" fails 69 'cannot be pushed to 127.0.0.1:1/nonesuch' \
    small --output "$releases/other" --push 127.0.0.1:1/nonesuch
check "what failed leaves no folder" fails 2 'No such file' ls -d "$releases"/other*
check "a tag is not signed: it can be moved" fails 64 'is not a digest' \
    with_cosign 2 "$tree/scripts/sign" --key "$releases/cosign.key" --image "$registry:1"
check "cosign's own refusal is shown" fails 70 'cosign did not sign .*SHA256SUMS' \
    with_cosign 2 "$tree/scripts/sign" --key "$releases/cosign.pub" "$(released three SHA256SUMS)"
check "another program has no bill" fails 65 'does not say what it was built of' "$tree/scripts/sbom" program /bin/true
# Each of their messages, with … for what differs, stands in the guide.
unlisted_messages() {
    sed -n 's/^.*fail [0-9]* "\(.*\)".*$/\1/p' "$tree"/scripts/{release,sign,sbom,build-information} |
        sed -E 's/\$\{?[a-z0-9]+[^ :,}]*\}?/…/g' | while read -r message; do
        grep -qF -- "$message" "$tree/docs/troubleshooting.md" || echo "$message"
    done
}
check "every refusal has its row in docs/troubleshooting.md" silent unlisted_messages
docker image rm "$(jq -r .tag "$(released signed image.json)")" "$(jq -r .tag "$(released plain image.json)")" "$registry:$(jq -r .version "$(released signed version.json)")" \
    "$pinned" $label-extra $label-small >/dev/null 2>&1
