#!/bin/sh
# Tells somebody by mail how a run ended. In the job file:
#
#     [notify]
#     command = ["/usr/local/lib/fullmakt/mail.sh", "accounting@example.com"]
#
# The subject is one sentence, the body what summary.json holds. It needs `mail` (s-nail, mailutils, bsd-mailx), set up so
# that it can send.
set -eu

if [ $# -lt 1 ]; then
    echo "usage: mail.sh ADDRESS..." >&2
    exit 64
fi

exec mail -s "fullmakt: ${FULLMAKT_TEXT:-a run has ended}" "$@"
