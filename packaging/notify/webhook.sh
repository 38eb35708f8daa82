#!/bin/sh
# Tells a chat how a run ended: Slack, Teams, Mattermost and others take {"text": "..."} on an incoming webhook.
# In the job file:
#
#     [notify]
#     command = ["/usr/local/lib/fullmakt/webhook.sh", "webhook"]
#
# The file holds the webhook's address, which is a secret: whoever has it can write in the chat. A name without a folder is that of
# a credential which the systemd unit hands over (LoadCredential=webhook:/etc/fullmakt/webhook); elsewhere give the path
# of a file that the program's user can read. It needs `curl`.
set -eu

if [ $# -ne 1 ]; then
    echo "usage: webhook.sh FILE   (a file that holds the webhook's address)" >&2
    exit 64
fi
case $1 in
*/*) file=$1 ;;
*) file=${CREDENTIALS_DIRECTORY:-.}/$1 ;;
esac
if [ ! -e "$file" ]; then
    echo "there is no $file, which is to hold the webhook's address" >&2
    exit 66
fi
if [ ! -r "$file" ]; then
    echo "$file cannot be read by $(id -un): let systemd hand it over (LoadCredential=), or give it to this user" >&2
    exit 77
fi

# Nobody has to read what comes on stdin, and a program that writes to nobody would be told so.
cat >/dev/null

address=$(head -n 1 "$file" | tr -d '\r')
case $address in
http*://*) ;;
*)
    echo "$file holds no webhook's address" >&2
    exit 78
    ;;
esac
text=$(printf '%s' "fullmakt: ${FULLMAKT_TEXT:-a run has ended}" | tr '\t\r\n' '   ' | sed 's/\\/\\\\/g; s/"/\\"/g')

# The address goes by stdin: a command line can be read by everybody on the machine.
printf 'url = "%s"\n' "$address" |
    curl --config - --fail --silent --show-error --max-time 30 --output /dev/null \
        --header 'Content-Type: application/json' --data-binary "{\"text\": \"$text\"}"
