#!/usr/bin/env bash
# Builds the static Linux program, which runs on any distribution and in an empty container:
# dist/fullmakt-VERSION-linux-x64.tar.gz with completions and manual pages, and its checksum beside it.
#
# Needs musl-tools and rustup target add x86_64-unknown-linux-musl. PROFILE=dev makes a quick one.
set -euo pipefail
cd "$(dirname "$0")/../.."
target=x86_64-unknown-linux-musl
profile=${PROFILE:-release}
export CC_x86_64_unknown_linux_musl=musl-gcc
"${CARGO:-cargo}" build --locked --bin fullmakt --target "$target" --profile "$profile"
folder=$profile
[[ $profile == dev ]] && folder=debug
program=${CARGO_TARGET_DIR:-target}/$target/$folder/fullmakt
if readelf -l "$program" | grep -q INTERP; then
    echo "$program is not static: it names a loader" >&2
    exit 1
fi

version=$(sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml | head -1)
name=fullmakt-$version-linux-x64
rm -rf "dist/$name"
mkdir -p "dist/$name/completions" "dist/$name/packaging"
cp "$program" LICENSE-MIT LICENSE-APACHE README.md CHANGELOG.md "dist/$name/"
cp -r packaging/systemd packaging/notify "dist/$name/packaging/"
"$program" --lang en man "dist/$name/man" >/dev/null
"$program" --lang en completions bash >"dist/$name/completions/fullmakt.bash"
"$program" --lang en completions zsh >"dist/$name/completions/_fullmakt"
"$program" --lang en completions fish >"dist/$name/completions/fullmakt.fish"
"$program" --lang en completions powershell >"dist/$name/completions/fullmakt.ps1"
# The same sources make the same archive: times and owners are not this machine's.
(cd dist && tar --sort=name --owner=0 --group=0 --numeric-owner --mtime="@${SOURCE_DATE_EPOCH:-0}" -cf - "$name" |
    gzip -n >"$name.tar.gz" && sha256sum "$name.tar.gz" >"$name.tar.gz.sha256")
echo "dist/$name.tar.gz"
