#!/usr/bin/env bash
# What "srcnn upscale" costs from file to file on host, SRCNN 9-1-5 ×2, beside the sum of its stages run one after the other: a JPEG of 12 megapixels
# to a JPEG of quality 90, and a folder of 256×256 PNGs. Generated pictures.
# usage: bench/flow.sh [ROUNDS] [PICTURES]   (default 3 and 1000)
set -euo pipefail
cd "$(dirname "$0")/.."
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
work=artifacts/flow
rm -rf "$work"
mkdir -p "$work"
rid=$(dotnet --info | sed -n 's/^ *RID: *//p' | head -n 1)
for project in src/Srcnn.Cli bench/Srcnn.Bench.Startup; do
  dotnet publish "$project" -c Release -r "$rid" --self-contained false -o "$work/${project##*/}" --verbosity quiet
done
bench=$work/Srcnn.Bench.Startup/Srcnn.Bench.Startup
"$bench" prepare-flow "$work/files" "${2:-1000}"
"$bench" flow "$work/Srcnn.Cli/srcnn" "$work/files" "${1:-3}"
rm -rf "$work/files"
