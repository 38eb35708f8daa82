#!/usr/bin/env bash
# Runs what is in dist/rootfs as a container would: that folder as a read-only root, a user that nobody knows, only /state
# writable. Needs root and unshare, no container engine.
set -euo pipefail
cd "$(dirname "$0")/../.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/state" "$work/project"
chown 12345:12345 "$work/state"
cp -r jobs fixtures "$work/project/"
cat >"$work/inside.sh" <<'INSIDE'
set -euo pipefail
root=$1 work=$2
shift 2
mount --bind "$root" "$root"
mount --bind "$work/state" "$root/state"
mount --bind "$work/project" "$root/jobs"
mount -o remount,bind,ro "$root/jobs"
mount -o remount,bind,ro "$root"
cd /
exec chroot --userspec=12345:12345 "$root" /usr/bin/fullmakt "$@"
INSIDE
inside() {
    env -i ${TEMPORARY:-} FULLMAKT_STATE_DIR=/state SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt TZ=Europe/Oslo PATH="$PATH" \
        unshare --mount bash "$work/inside.sh" "$PWD/dist/rootfs" "$work" "$@"
}
inside --version
inside run /jobs/jobs/onboarding.toml --yes --format json >"$work/summary.json"
delegated=$(jq .totals.delegated "$work/summary.json")
[[ $delegated == 960 ]] || { echo "$delegated delegated instead of 960" >&2; exit 1; }
# With a place for temporary tables, as the Containerfile says, it does the same.
TEMPORARY=SQLITE_TMPDIR=/state inside run /jobs/jobs/onboarding.toml --yes --format json >"$work/again.json"
[[ $(jq .totals.unchanged "$work/again.json") == 1000 ]] || { cat "$work/again.json"; echo "the second run is not unchanged" >&2; exit 1; }
# What it may not write it does not: a state folder outside the mount is refused as a fault of the machine.
code=0
inside run /jobs/jobs/onboarding.toml --yes --state-dir /elsewhere >"$work/out" 2>&1 || code=$?
[[ $code == 5 ]] || { cat "$work/out"; echo "exit $code instead of 5" >&2; exit 1; }
[[ $(stat -c %u "$work/state/ledger.db") == 12345 ]]
echo "the container's files run read-only, as a user that nobody knows"
