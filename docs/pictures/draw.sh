#!/usr/bin/env bash
# Draws the README's pictures from what the program really shows: the terminal of the main job, and the report of a job with
# refusals. Needs script (bsdutils) and chromium. `docs/pictures/draw.sh [PROGRAM]`; without it the program is built.
set -euo pipefail
cd "$(dirname "$0")/../.."
program=${1:-}
if [ -z "$program" ]; then
    cargo build --release --locked
    program=target/release/fullmakt
fi
program=$(realpath "$program")
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
export FULLMAKT_STATE_DIR=$folder/state TERM=xterm-256color LANG=C.UTF-8 TZ=Europe/Oslo
unset NO_COLOR

# A terminal of 80 columns, and what stood on it when the run had ended.
script -qec "stty cols 80 rows 40; '$program' run jobs/onboarding.toml --yes" "$folder/typed" >/dev/null </dev/null
awk '
    function escaped(text) { gsub(/&/, "\\&amp;", text); gsub(/</, "\\&lt;", text); gsub(/>/, "\\&gt;", text); return text }
    # A line as it was left: what was drawn over is gone, colours are classes, everything else that steers is dropped.
    function left(line,   parts, count, last, out, code, style) {
        gsub(/\033\[[0-9;]*[A-LN-Za-ln-z]|\033\[\?[0-9]+[hl]|\033[()][A-Z0-9]/, "", line)
        count = split(line, parts, "\r"); last = ""
        while (count > 0 && last == "") last = parts[count--]
        out = ""; style = ""
        while (match(last, /\033\[[0-9;]*m/)) {
            out = out span(style, substr(last, 1, RSTART - 1))
            code = substr(last, RSTART + 2, RLENGTH - 3); last = substr(last, RSTART + RLENGTH)
            style = code ~ /31/ ? "r" : code ~ /33/ ? "y" : code ~ /36/ ? "c" : code ~ /^0?$/ ? "" : style
        }
        return out span(style, last)
    }
    function span(style, text) {
        return text == "" ? "" : style == "" ? escaped(text) : "<tspan class=\"" style "\">" escaped(text) "</tspan>"
    }
    BEGIN { lines[n++] = "<tspan class=\"p\">$</tspan> fullmakt run jobs/onboarding.toml --yes" }
    /^Script (started|done)/ { next }
    { sub(/\r$/, ""); lines[n++] = left($0) }
    END {
        while (n > 0 && lines[n - 1] == "") n--
        high = n * 18 + 28
        print "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 720 " high "\" role=\"img\" aria-label=\"The terminal after a run of a thousand clients\">"
        print "<style>text{font:14px ui-monospace,Menlo,Consolas,\"DejaVu Sans Mono\",monospace;fill:#e6e6e6;white-space:pre}.y{fill:#e5c07b}.r{fill:#e06c75}.c{fill:#56b6c2}.p{fill:#98c379}</style>"
        print "<rect width=\"720\" height=\"" high "\" rx=\"8\" fill=\"#1e2127\"/>"
        for (i = 0; i < n; i++)
            if (lines[i] != "") print "<text x=\"16\" y=\"" (i * 18 + 26) "\" xml:space=\"preserve\">" lines[i] "</text>"
        print "</svg>"
    }' "$folder/typed" > docs/pictures/terminal.svg

"$program" run jobs/onboarding-refusals.toml --yes --skip-invalid --quiet >/dev/null 2>&1 || true
page=$(ls -t "$FULLMAKT_STATE_DIR"/runs/*/report.html | head -1)
"${FULLMAKT_TEST_BROWSER:-chromium}" --headless --no-sandbox --disable-gpu --hide-scrollbars --force-device-scale-factor=1 \
    --user-data-dir="$folder/browser" --window-size=1000,1150 --screenshot="$PWD/docs/pictures/report.png" "file://$page" 2>/dev/null
ls -l docs/pictures
