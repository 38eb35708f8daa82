#!/bin/sh
# Runs fullmakt by hand as the nightly service runs it: as its user, with its state folder and its key. As root:
#
#     /usr/local/lib/fullmakt/by-hand.sh plan nightly-reconcile.toml
#
# Paths are relative to /etc/fullmakt. The job file says key_file = "$CREDENTIALS_DIRECTORY/key.jwk", which is right under
# whatever name the unit has. Not for a sign-in with a browser.
set -eu

if [ $# -lt 1 ]; then
    echo "usage: by-hand.sh COMMAND...   (such as: by-hand.sh plan nightly-reconcile.toml)" >&2
    exit 64
fi

# A terminal to be asked on, where there is one; the exit code is that of the command either way.
if [ -t 0 ] && [ -t 1 ]; then how=--pty; else how=--pipe; fi

exec systemd-run "$how" --wait --quiet --collect \
    --uid=fullmakt --gid=fullmakt --working-directory=/etc/fullmakt \
    --setenv=FULLMAKT_STATE_DIR=/var/lib/fullmakt --setenv=LANG="${LANG:-C.UTF-8}" \
    --property=UMask=0077 \
    --property=LoadCredential=key.jwk:/etc/fullmakt/key.jwk \
    --property=LoadCredential=webhook:/etc/fullmakt/webhook --property=SetCredential=webhook:none \
    fullmakt "$@"
