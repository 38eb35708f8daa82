#!/usr/bin/env bash
# Guards the hot pieces by instruction counts, which do not depend on how busy the machine is. Fails when one of them
# takes more than its figure in instructions.txt and its tolerance. `--write` puts today's figures in. Needs valgrind.
set -euo pipefail
# What fails in the middle of a measurement fails it.
shopt -s inherit_errexit
cd "$(dirname "$0")/.."
export CARGO_TERM_COLOR=never
figures=benches/instructions.txt
command -v valgrind >/dev/null || { echo "valgrind is not here, so no instructions are counted" >&2; exit 2; }

bench=$(cargo bench --locked --bench throughput --no-run 2>&1 | sed -n 's/.*throughput.* (\(.*\))$/\1/p' | tail -1)
program=$(dirname "$bench")/../fullmakt
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

# What callgrind counted in everything that has been run under it since the file was last emptied.
counted() { awk '/^totals:/ { all += $2 } END { printf "%.0f\n", all }' "$folder"/out.*; rm -f "$folder"/out.*; }
under="valgrind --quiet --tool=callgrind --callgrind-out-file=$folder/out.%p"

# A list of so many clients, with check digits that fit.
list() {
    awk -v many="$1" 'BEGIN {
        split("3 2 7 6 5 4 3 2", weight, " "); print "Orgnr;Navn"
        for (number = 10000000; made < many; number++) {
            sum = 0
            for (place = 1; place <= 8; place++) sum += substr(number, place, 1) * weight[place]
            digit = (11 - sum % 11) % 11
            if (digit < 10) { print number digit ";KLIENT " made " AS"; made++ }
        }
    }'
}

check() { list "$1" > "$folder/list.csv"; $under "$program" check "$folder/list.csv" >/dev/null; counted; }
run() { BENCH_WRAPPER="$under" "$bench" "$1" >/dev/null; counted; }

# The difference of two sizes is what each client takes; the first 5,000 rows are looked at to find the columns.
small=$(check 10000); large=$(check 20000); check_row=$(( (large - small) / 10000 ))
small=$(run 6000); large=$(run 9000); run_client=$(( (large - small) / 3000 ))
$under "$program" --version >/dev/null; start=$(counted)

if [ "${1:-}" = --write ]; then
    sed -i '/^[^#]/d' "$figures"
    printf '%s\n' "start $start 5" "check-a-row $check_row 5" "run-a-client $run_client 15" >> "$figures"
fi
failed=0
judge() {
    local figure tolerance
    read -r figure tolerance < <(awk -v what="$1" '$1 == what { print $2, $3 }' "$figures")
    if [ "$2" -gt $(( figure + figure * tolerance / 100 )) ]; then
        echo "$1: $2 instructions, and $figure with $tolerance % are allowed: a regression"; failed=1
    else
        echo "$1: $2 instructions ($figure with $tolerance % are allowed)"
    fi
}
judge start "$start"; judge check-a-row "$check_row"; judge run-a-client "$run_client"
exit "$failed"
