#!/usr/bin/env bash
# Writes dist/fullmakt-VERSION.cdx.json: what the program is made of, as CycloneDX 1.5, from Cargo.lock by way of cargo metadata.
# Only what the program is built from: no test tools. SBOM_TARGET names another target than this machine's.
set -euo pipefail
cd "$(dirname "$0")/.."
version=$(sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml | head -1)
target=${SBOM_TARGET:-x86_64-unknown-linux-musl}
mkdir -p dist
sbom=dist/fullmakt-$version.cdx.json
checksums=$(mktemp)
trap 'rm -f "$checksums"' EXIT
# Cargo.lock alone has the checksums.
awk -F'"' '/^name = /{n=$2} /^version = /{v=$2} /^checksum = /{print n "\t" v "\t" $2}' Cargo.lock >"$checksums"
"${CARGO:-cargo}" metadata --locked --format-version 1 --filter-platform "$target" | jq --rawfile sums "$checksums" '
    ($sums | split("\n") | map(select(. != "") | split("\t") | {key: (.[0] + "@" + .[1]), value: .[2]}) | from_entries) as $sum
    | (.resolve.nodes | map({key: .id, value: [.deps[] | select(any(.dep_kinds[]; .kind == null or .kind == "build")) | .pkg]}) | from_entries) as $edges
    | .resolve.root as $root
    | def closure($seen; $next): if ($next | length) == 0 then $seen
        else ([$next[] | $edges[.][]] | unique) as $more | closure($seen + $next | unique; $more - $seen - $next) end;
      closure([]; [$root]) as $in
    | (.packages | map({key: .id, value: .}) | from_entries) as $package
    | def purl($id): $package[$id] | "pkg:cargo/" + .name + "@" + .version;
      def component($id): $package[$id] | (.name + "@" + .version) as $key
        | {type: "library", "bom-ref": purl($id), name, version, purl: purl($id)}
        + (if .license then {licenses: [{expression: (.license | gsub("/"; " OR "))}]} else {} end)
        + (if $sum[$key] then {hashes: [{alg: "SHA-256", content: $sum[$key]}]} else {} end);
      {bomFormat: "CycloneDX", specVersion: "1.5", version: 1,
       metadata: {component: (component($root) + {type: "application"})},
       components: [$in[] | select(. != $root) | component(.)] | sort_by(.purl),
       dependencies: [$in[] | . as $id | {ref: purl($id), dependsOn: [$edges[$id][] | purl(.)] | unique | sort}] | sort_by(.ref)}' >"$sbom"
# What a reader of such files holds on to: every reference names a component, and no two have the same name.
jq -e '([.metadata.component["bom-ref"]] + [.components[]["bom-ref"]]) as $refs
    | ($refs | length) == ($refs | unique | length) and ($refs | length) > 50
    and ([.dependencies[] | .ref, .dependsOn[]] | unique) - $refs == []
    and all(.components[]; .hashes and .licenses)' "$sbom" >/dev/null || { echo "$sbom does not hold together" >&2; exit 1; }
(cd dist && sha256sum "fullmakt-$version.cdx.json" >"fullmakt-$version.cdx.json.sha256")
echo "$sbom"
