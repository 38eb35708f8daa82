#!/usr/bin/env bash
# Lays out the container's files in dist/rootfs from what packaging/linux/build.sh has packed.
set -euo pipefail
cd "$(dirname "$0")/../.."
version=$(sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml | head -1)
archive=dist/fullmakt-$version-linux-x64.tar.gz
certificates=/etc/ssl/certs/ca-certificates.crt
zone=/usr/share/zoneinfo/Europe/Oslo
for needed in "$archive" "$certificates" "$zone"; do
    if [[ ! -e $needed ]]; then
        echo "there is no $needed: run packaging/linux/build.sh, and install ca-certificates and tzdata" >&2
        exit 1
    fi
done
root=dist/rootfs
rm -rf "$root"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
tar -xzf "$archive" -C "$work" --strip-components=1
install -D -m 755 "$work/fullmakt" "$root/usr/bin/fullmakt"
install -D -m 644 "$certificates" "$root/etc/ssl/certs/ca-certificates.crt"
install -D -m 644 "$zone" "$root/usr/share/zoneinfo/Europe/Oslo"
install -D -m 644 "$work/LICENSE-MIT" "$root/usr/share/doc/fullmakt/LICENSE-MIT"
install -D -m 644 "$work/LICENSE-APACHE" "$root/usr/share/doc/fullmakt/LICENSE-APACHE"
# Whatever user it runs as may keep its state there, where nothing is mounted over it.
install -d -m 1777 "$root/state" "$root/tmp"
install -d -m 755 "$root/jobs"
echo "$root"
