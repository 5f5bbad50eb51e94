#!/usr/bin/env bash
# Builds the benchmarks, runs them and writes bench/results/MACHINE.md. See bench/README.md.
# usage: bench/run.sh [--quick] [--threads N] [--rounds N] [--no-layers] [--no-large] [--only TEXT] [--train DATA VAL] [--device NAME] [--photo]
set -euo pipefail
cd "$(dirname "$0")/.."
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
command="bench/run.sh${*:+ $*}"
quick= threads=2 rounds=5 layers=1 large=1 data= device= only= photo=
while [ $# -gt 0 ]; do
  case $1 in
    --quick) quick=1 ;;
    --threads) threads=$2; shift ;;
    --rounds) rounds=$2; shift ;;
    --no-layers) layers= ;;
    --no-large) large= ;;
    --only) only=$2 layers= large=; shift ;;
    --train) data=$2 val=$3 layers= large=; shift 2 ;;
    --photo) photo=1 layers= large= ;;
    --device) device=$2 layers= large=; shift ;;
    *) sed -n '3s/^# //p' "$0" >&2; exit 1 ;;
  esac
  shift
done

# OpenCV's library needs GTK; without it OpenCV is missing on the page, and the page says so.
if [ "$(uname -s)" = Linux ] && ! ldconfig -p | grep -q libgtk-3.so.0 && command -v apt-get >/dev/null && [ "$(id -u)" = 0 ]; then
  apt-get update -qq && apt-get install -y -qq libgtk-3-0 >/dev/null || echo "libgtk-3-0 cannot be installed" >&2
fi

work=artifacts/bench
rm -rf "$work"
mkdir -p "$work"
for project in src/Srcnn.Cli bench/Srcnn.Bench bench/Srcnn.Bench.Startup bench/Srcnn.Bench.Peers; do
  dotnet build -c Release "$project" --verbosity quiet
done
# The host's own file names: release, or release_RUNTIME where a project names its runtime.
bin() { find "artifacts/bin/$1" -maxdepth 2 -name "$2" -type f -path '*/release*' | head -n 1; }
peers=$(bin Srcnn.Bench.Peers Srcnn.Bench.Peers)

arguments=(--threads "$threads" --rounds "$rounds")
if [ -n "$quick" ]; then arguments+=(--quick); fi
if [ -n "$only" ]; then arguments+=(--only "$only"); fi
if [ -n "$large" ]; then
  "$(bin Srcnn.Bench.Startup Srcnn.Bench.Startup)" prepare "$work/files" "$([ -n "$quick" ] && echo 256 || echo 8192)"
  arguments+=(--srcnn "$(bin Srcnn.Cli srcnn)" --files "$work/files")
fi
if [ -n "$photo" ]; then
  "$(bin Srcnn.Bench.Startup Srcnn.Bench.Startup)" prepare-flow "$work/files" 0
  arguments+=(--srcnn "$(bin Srcnn.Cli srcnn)" --files "$work/files")
fi
if [ -n "$layers" ]; then
  SRCNN_BENCH_QUICK=$quick SRCNN_BENCH_THREADS=$threads SRCNN_BENCH_ARTIFACTS=$work/layers \
    "$(bin Srcnn.Bench Srcnn.Bench)" --filter "*" >"$work/layers.log" || echo "some layers failed, see $work/layers.log" >&2
  arguments+=(--layers "$work/layers/results")
fi

commit=$(git rev-parse --short HEAD 2>/dev/null || echo unknown)
if [ -n "$(git status --porcelain 2>/dev/null)" ]; then commit+=", with changes"; fi
output=bench/results
if [ -n "$quick$only" ]; then output=$work/results; fi
preload=$(bench/Srcnn.Bench.Peers/torchsharp-on-debian12.sh "$(dirname "$peers")" || true)
if [ -n "$data" ]; then mode=(train --data "$data" --val "$val")
elif [ -n "$photo" ]; then mode=(photo)
elif [ -n "$device" ]; then mode=(device --device "$device" --output "$output" --command "$command" --commit "$commit")
else mode=(run --output "$output" --command "$command" --commit "$commit")
fi
# libtorch and OpenCV allocate their maps anew for every picture. glibc takes blocks that large from the system and gives them back, and a virtual
# machine's first touch of a page can cost more than the network: libtorch's step of 9-1-5 took 147 ms with glibc's defaults, 36 ms when it keeps them.
env MALLOC_MMAP_THRESHOLD_=4294967296 MALLOC_TRIM_THRESHOLD_=17179869184 ${preload:+LD_PRELOAD="$preload"} "$peers" "${mode[@]}" "${arguments[@]}"
rm -rf "$work/files"
