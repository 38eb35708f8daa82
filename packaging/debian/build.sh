#!/usr/bin/env bash
# Makes dist/fullmakt_VERSION_amd64.deb from what packaging/linux/build.sh has packed. It depends on nothing: the program is static.
set -euo pipefail
cd "$(dirname "$0")/../.."
version=$(sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml | head -1)
archive=dist/fullmakt-$version-linux-x64.tar.gz
if [[ ! -e $archive ]]; then
    echo "there is no $archive: run packaging/linux/build.sh first" >&2
    exit 1
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
tar -xzf "$archive" -C "$work" --strip-components=1
root=$work/root
install -D -m 755 "$work/fullmakt" "$root/usr/bin/fullmakt"
install -D -m 644 "$work/completions/fullmakt.bash" "$root/usr/share/bash-completion/completions/fullmakt"
install -D -m 644 "$work/completions/_fullmakt" "$root/usr/share/zsh/vendor-completions/_fullmakt"
install -D -m 644 "$work/completions/fullmakt.fish" "$root/usr/share/fish/vendor_completions.d/fullmakt.fish"
for page in "$work"/man/*.1; do
    gzip -9n "$page"
    install -D -m 644 "$page.gz" "$root/usr/share/man/man1/$(basename "$page").gz"
done
doc=$root/usr/share/doc/fullmakt
install -D -m 644 "$work/README.md" "$doc/README.md"
{
    echo "fullmakt is licensed under the MIT licence or the Apache License 2.0, as you like."
    echo
    cat "$work/LICENSE-MIT"
    echo
    cat "$work/LICENSE-APACHE"
} >"$doc/copyright"
chmod 644 "$doc/copyright"
gzip -9nc "$work/CHANGELOG.md" >"$doc/changelog.gz"
chmod 644 "$doc/changelog.gz"
# Units and scripts are in their places, with the places that a package has: nothing is started before somebody enables it, and
# what a firm has otherwise goes into drop-ins (systemctl edit).
here() { sed 's|/usr/local/bin/fullmakt|/usr/bin/fullmakt|g; s|/usr/local/lib/fullmakt|/usr/lib/fullmakt|g' "$1"; }
for unit in "$work"/packaging/systemd/fullmakt-*; do
    install -D -m 644 <(here "$unit") "$root/lib/systemd/system/$(basename "$unit")"
done
for script in "$work"/packaging/notify/*.sh "$work/packaging/systemd/by-hand.sh"; do
    install -D -m 755 <(here "$script") "$root/usr/lib/fullmakt/$(basename "$script")"
done
install -D -m 644 <(here "$work/packaging/systemd/failed-by-mail.conf") "$doc/examples/failed-by-mail.conf"
if grep -rq /usr/local "$root/lib/systemd" "$root/usr/lib/fullmakt" "$doc/examples"; then
    echo "a file of the package speaks of /usr/local" >&2
    exit 1
fi

mkdir -p "$root/DEBIAN"
cat >"$root/DEBIAN/control" <<CONTROL
Package: fullmakt
Version: $version
Architecture: amd64
Maintainer: ${DEB_MAINTAINER:-fullmakt <noreply@localhost>}
Installed-Size: $(du -sk --exclude=DEBIAN "$root" | cut -f1)
Recommends: ca-certificates
Section: admin
Priority: optional
Description: gives system users access to clients in Altinn, thousands at once
 Delegates a firm's clients to its system user in Altinn, Norway's public
 digital platform, out of a client list, and takes them away again. Every
 step is in a ledger, and the result is confirmed by Altinn's own list.
CONTROL
find "$root" -type d -exec chmod 755 {} +
deb=dist/fullmakt_${version}_amd64.deb
dpkg-deb --root-owner-group --build "$root" "$deb" >/dev/null
(cd dist && sha256sum "$(basename "$deb")" >"$(basename "$deb").sha256")
echo "$deb"
