#!/bin/sh
# Tells a chat how a run ended: Slack, Teams, Mattermost and others take {"text": "..."} on an incoming webhook.
# In the job file:
#
#     [notify]
#     command = ["/usr/local/lib/fullmakt/webhook.sh", "/etc/fullmakt/webhook"]
#
# The file holds the webhook's address, which is a secret: whoever has it can write in the chat. It needs `curl`.
set -eu

if [ $# -ne 1 ] || [ ! -r "$1" ]; then
    echo "usage: webhook.sh FILE   (a file that holds the webhook's address)" >&2
    exit 64
fi

# Nobody has to read what comes on stdin, and a program that writes to nobody would be told so.
cat >/dev/null

address=$(head -n 1 "$1" | tr -d '\r')
text=$(printf '%s' "fullmakt: ${FULLMAKT_TEXT:-a run has ended}" | tr '\t\r\n' '   ' | sed 's/\\/\\\\/g; s/"/\\"/g')

# The address goes by stdin: a command line can be read by everybody on the machine.
printf 'url = "%s"\n' "$address" |
    curl --config - --fail --silent --show-error --max-time 30 --output /dev/null \
        --header 'Content-Type: application/json' --data-binary "{\"text\": \"$text\"}"
