#!/usr/bin/env bash
# Tries the Windows program under Wine, in a folder and a prefix of its own: packaging/windows/try.sh PROGRAM.exe
#
# Needs wine (64 bit), MinGW, jq and iconv. What Wine cannot show: the console's own code page and font, a double-click in
# Explorer, Defender, OneDrive, and the real Credential Manager.
set -euo pipefail
cd "$(dirname "$0")/../.."
project=$PWD
program=$(realpath "${1:-target/x86_64-pc-windows-gnu/debug/fullmakt.exe}")
work=$(mktemp -d)
export WINEPREFIX=$work/prefix WINEDEBUG=-all
# Ends what this prefix has started, and nothing else.
trap 'wineserver -k >/dev/null 2>&1 || true; rm -rf "$work"' EXIT
folder="$work/Klienter på Ærøy & sånt"
mkdir -p "$folder"
cd "$folder"
cp "$program" fullmakt.exe
cp "$project"/packaging/windows/zip/{job.toml,klienter.xlsx} .
cp "$project/fixtures/onboarding.csv" klienter.csv
for helper in ctrl_c hold; do
    x86_64-w64-mingw32-gcc -Wall -Werror -O1 -o "$helper.exe" "$project/packaging/windows/try/$helper.c"
done
x86_64-w64-mingw32-gcc -shared -O1 -o bcryptprimitives.dll "$project/packaging/windows/try/prng.c" -ladvapi32

# Wine's server ends a moment after the last program does, and a program that starts just then is told "Connection reset by
# peer". So it stays until all is tried.
mkdir "$WINEPREFIX"
wineserver -p

code=0
# Runs a command with its answer in `out` and its messages in `err`; the exit code must be the first argument.
expect() {
    local wanted=$1
    shift
    for _ in 1 2 3; do
        code=0
        timeout 240 wine "$@" >out 2>err </dev/null || code=$?
        never_started || break
        echo "once more, Wine did not start it: $*" >&2
    done
    [[ $code == "$wanted" ]] || fail "exit $code instead of $wanted: $*"
}
# Wine says that it lost its server, and the program has said nothing yet.
never_started() {
    [[ ! -s out ]] && grep -q "^wine client error" err && ! grep -vq "^wine client error" err
}
fail() {
    echo "FAILED: $*" >&2
    { tail -n 20 out; tail -n 20 err; } >&2 || true
    exit 1
}
holds() {
    grep -qF -- "$2" "$1" || fail "'$2' is not in $1"
}
total() {
    local found
    found=$(jq -r "$1" out) || fail "no JSON"
    [[ $found == "$2" ]] || fail "$1 is $found instead of $2"
}
# A job like the sample, on another list and from a state folder that knows nothing yet.
job() {
    sed "s|^manifest = .*|manifest = '$1'|; s|^rate = .*|rate = \"${3:-100/s}\"|" job.toml >"$2"
}
said() { echo "ok: $*"; }

expect 0 fullmakt.exe --version
version=$(sed -n 's/^version = "\(.*\)"/\1/p' "$project/Cargo.toml" | head -1)
holds out "fullmakt $version"
said "it says its version"

expect 0 fullmakt.exe run job.toml --yes --format json --state-dir state-main
total .totals.delegated 960
total .totals.unchanged 40
total .status completed
said "the main job on a workbook, in a folder with blanks and æøå"

job klienter.csv csv.toml
expect 0 fullmakt.exe plan csv.toml --state-dir state-csv --format json
total .totals.delegated 960
iconv -f CP1252 -t UTF-16 klienter.csv >utf16.csv
job utf16.csv utf16.toml
expect 0 fullmakt.exe plan utf16.toml --state-dir state-utf16 --format json
total .totals.delegated 960
jq -e '[.operations[].name // ""] | any(test("Å|Ø|Æ"))' out >/dev/null || fail "no names with Norwegian letters"
sed -i 's/$/\r/' csv.toml
expect 0 fullmakt.exe plan csv.toml --state-dir state-csv --format json
total .totals.delegated 960
said "CRLF, Windows-1252 and UTF-16 lists, and a job file with CRLF"

# There is no server here; this is the one form of such a path that needs none.
expect 0 fullmakt.exe check "\\\\?\\Z:${folder//\//\\}\\klienter.csv"
said "a path of the UNC form"

expect 0 fullmakt.exe --lang nb plan job.toml --state-dir state-nb
iconv -f UTF-8 -t UTF-8 out >/dev/null || fail "the answer is no UTF-8"
holds out "BLÅ HAVØRN"
holds out "skal delegeres"
said "Norwegian comes out as UTF-8 where it is not a console"

expect 0 fullmakt.exe init "ny jobb.toml" --lang nb --environment sandbox --agent 1b6cea43-f499-4aae-a633-51cf542795af \
    --manifest "\"Z:${folder//\//\\}\\klienter.csv\"" --state-dir state-init
holds out "ny jobb.toml er skrevet"
holds "ny jobb.toml" 'manifest = "klienter.csv"'
expect 0 fullmakt.exe plan "ny jobb.toml" --state-dir state-init --format json
total .totals.delegated 960
said "init makes a job of a path as it is pasted, and the job plans"

# The list is open in Excel.
timeout 60 wine hold.exe 12000 klienter.csv >held 2>&1 </dev/null &
holder=$!
for _ in $(seq 50); do grep -q held held && break; sleep 0.2; done
grep -q held held || fail "the list could not be held"
expect 2 fullmakt.exe check klienter.csv
holds err "klienter.csv"
holds err "Excel"
wait "$holder" || fail "hold ended badly"
expect 0 fullmakt.exe check klienter.csv
said "a list that another program holds is named, and read when it is free"

# Ctrl-C: what is under way is recorded, resume goes on, nobody is lost. The slower pace leaves time to press it.
job klienter.csv slow.toml 40/s
expect 130 ctrl_c.exe 14000 fullmakt.exe run slow.toml --yes --format json --state-dir state-ctrl
expect 0 fullmakt.exe status --format json --state-dir state-ctrl
total .status interrupted
total '(.totals | .delegated + .unchanged + .failed + .rejected + .pending)' 1000
answered=$(jq .totals.answered out)
((answered > 0 && answered < 960)) || fail "Ctrl-C came before the first client or after the last: $answered answered"
expect 0 fullmakt.exe resume --format json --state-dir state-ctrl
total .totals.delegated 960
total .totals.pending 0
said "Ctrl-C with $answered clients answered, then resume"

# A process killed outright.
timeout 240 wine fullmakt.exe run slow.toml --yes --state-dir state-kill >out 2>err </dev/null &
run=$!
sleep 14
expect 0 taskkill /f /im fullmakt.exe
# Its exit code says nothing: Wine's taskkill gives it 0. What the ledger holds does.
wait "$run" || true
expect 0 fullmakt.exe status --format json --state-dir state-kill
answered=$(jq .totals.answered out)
((answered > 0 && answered < 960)) || fail "it was killed before the first client or after the last: $answered answered"
total '(.totals | .delegated + .unchanged + .failed + .rejected + .pending)' 1000
expect 0 fullmakt.exe resume --format json --state-dir state-kill
total .totals.delegated 960
total .totals.pending 0
said "killed with $answered clients answered, then resume"

# A workbook goes in, its failures come out as a workbook, and that, corrected, goes in again.
sed "s|^manifest = .*|manifest = 'wrong.xlsx'|" job.toml >wrong.toml
mkdir unpacked
(cd unpacked && unzip -q ../klienter.xlsx && sed -i 's/509876541/509876540/' xl/worksheets/sheet1.xml && zip -q -r ../wrong.xlsx .)
expect 2 fullmakt.exe run wrong.toml --yes --state-dir state-round
holds err "509876540"
expect 1 fullmakt.exe run wrong.toml --yes --skip-invalid --format json --state-dir state-round
total .totals.rejected 1
failures=$(find state-round/runs -name failures.xlsx)
[[ $failures ]] || fail "no failures.xlsx"
mkdir corrected
(cd corrected && unzip -q "../$failures" && grep -rlF 509876540 . | xargs -d '\n' sed -i 's/509876540/509876541/g' && zip -q -r ../corrected.xlsx .)
job corrected.xlsx corrected.toml
expect 0 fullmakt.exe run corrected.toml --yes --format json --state-dir state-round
total .totals.delegated 1
said "a workbook in, its failures out, corrected, and in again"
echo "all of it works under $(wine --version)"
