#!/bin/sh
# From nothing to a thousand delegated clients, on the built-in sandbox: fifty firms are asked for a system user, somebody at
# each answers, and their clients are delegated. Nothing leaves this machine.
#
#     jobs/from-nothing/rehearse.sh [FOLDER]
#
# FOLDER is where everything is written; a new one where none is named. FULLMAKT names the program where it is not on the
# path.
set -eu

fullmakt=${FULLMAKT:-fullmakt}
here=$(cd "$(dirname "$0")" && pwd)
work=${1:-$(mktemp -d)}
mkdir -p "$work/lists"
cp "$here/vendor.toml" "$here/fleet.toml" "$here/firms.csv" "$work/"
cd "$work"
FULLMAKT_STATE_DIR=$work/state
export FULLMAKT_STATE_DIR

step() { printf '\n== %s\n' "$1"; }

step 'Ask fifty firms'
"$fullmakt" request create firms.csv --yes

step 'The links, with the e-mail addresses of the list beside them, and a page for each firm'
"$fullmakt" request links firms.csv --out links

step 'People answer: one firm rejects, one forgets, the others approve'
"$fullmakt" sandbox --reject 315000009 --time-out 315001110 --approve all
"$fullmakt" request status || test $? -eq 1

step 'The two are talked to, and asked again'
"$fullmakt" request create firms.csv --again --yes
"$fullmakt" sandbox --approve all

step 'Who is ready, and a row for each in the list of the fleet'
"$fullmakt" request status

step 'The clients that each firm can give: whoever has lists of their own takes those'
tail -n +2 ready.csv | while IFS=';' read -r firm rest; do
    "$fullmakt" clients "fleet.toml#from-nothing-$firm-delegate" --available >"lists/$firm.csv"
done

step 'Every client of every firm'
"$fullmakt" fleet work fleet.toml --until-done
"$fullmakt" fleet status fleet.toml

step "All of it is in $work"
