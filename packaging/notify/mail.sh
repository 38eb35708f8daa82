#!/bin/sh
# Tells somebody by mail how a run ended. In the job file:
#
#     [notify]
#     command = ["/usr/local/lib/fullmakt/mail.sh", "accounting@example.com"]
#
# The subject is one sentence, the body what summary.json holds. It needs `mail` (s-nail, mailutils, bsd-mailx), set up so
# that it can send. From a hardened systemd service (NoNewPrivileges=, ProtectSystem=) that is a mail program which speaks SMTP to
# a server itself, such as s-nail with `set mta=smtp://mail.example.com`: Postfix and Exim on the same machine take mail from a
# program with rights of its own, which such a service may not have.
set -eu

if [ $# -lt 1 ]; then
    echo "usage: mail.sh ADDRESS..." >&2
    exit 64
fi

exec mail -s "fullmakt: ${FULLMAKT_TEXT:-a run has ended}" "$@"
