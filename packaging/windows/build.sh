#!/usr/bin/env bash
# Builds the Windows program on Linux and packs it: dist/fullmakt-VERSION-windows-x64.zip, with its checksum beside it.
#
# Needs MinGW (gcc-mingw-w64-x86-64), zip, and a Rust that has the target: rustup target add x86_64-pc-windows-gnu.
# Debian's Rust has no such target; with rust-web-src or rust-src installed std is built from source: CARGO=/usr/bin/cargo
# RUSTC=/usr/bin/rustc BUILD_STD=1 packaging/windows/build.sh
set -euo pipefail
cd "$(dirname "$0")/../.."
target=x86_64-pc-windows-gnu
cargo=${CARGO:-cargo}
options=(build --locked --bin fullmakt --target "$target")
# PROFILE=dev makes the quick one that try.sh can use.
profile=${PROFILE:-release}
options+=(--profile "$profile")
if [[ ${BUILD_STD:-} ]]; then
    export RUSTC_BOOTSTRAP=1
    options+=(-Zbuild-std=std,panic_unwind)
fi
export CARGO_TARGET_X86_64_PC_WINDOWS_GNU_LINKER=x86_64-w64-mingw32-gcc
export CC_x86_64_pc_windows_gnu=x86_64-w64-mingw32-gcc
# One file that needs nothing but Windows' own libraries; and no warning that only Windows sees.
export RUSTFLAGS="${RUSTFLAGS:-} -C target-feature=+crt-static -D warnings"
"$cargo" "${options[@]}"
folder=$profile
[[ $profile == dev ]] && folder=debug
program=${CARGO_TARGET_DIR:-target}/$target/$folder/fullmakt.exe

# What the program asks of the machine is only what every Windows has.
foreign=$(x86_64-w64-mingw32-objdump -p "$program" | sed -n 's/.*DLL Name: //p' | grep -Ei '^lib|mingw|vcruntime|msvcp' || true)
if [[ $foreign ]]; then
    echo "$program needs libraries that Windows does not have: $foreign" >&2
    exit 1
fi

version=$(sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml | head -1)
name=fullmakt-$version-windows-x64
mkdir -p dist
rm -rf "dist/$name" "dist/$name.zip"
mkdir "dist/$name"
cp "$program" packaging/windows/zip/* "dist/$name/"
cp fixtures/onboarding.csv "dist/$name/klienter.csv"
# Notepad of older Windows shows one long line without these.
for text in LICENSE-MIT LICENSE-APACHE; do sed 's/$/\r/' "$text" >"dist/$name/$text.txt"; done
sed -i 's/\r*$/\r/' "dist/$name/"*.md "dist/$name/"*.toml
(cd dist && zip -q -X -r "$name.zip" "$name" && sha256sum "$name.zip" >"$name.zip.sha256")
rm -rf "dist/$name"
echo "dist/$name.zip"
