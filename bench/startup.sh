#!/usr/bin/env bash
# What starting srcnn costs: "srcnn upscale" of a 64×64 PNG beside a program that only decodes and encodes it, both compiled ReadyToRun,
# in turns; medians in milliseconds. Below: how many methods were compiled at run time, and which libraries were loaded that need not be.
# usage: bench/startup.sh [ROUNDS]   (default 25)
set -euo pipefail
cd "$(dirname "$0")/.."
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
rounds=${1:-25}
work=artifacts/startup
rm -rf "$work"
mkdir -p "$work"
rid=$(dotnet --info | sed -n 's/^ *RID: *//p' | head -n 1)
for project in src/Srcnn.Cli bench/Srcnn.Bench.Startup; do
  dotnet publish "$project" -c Release -r "$rid" --self-contained false -o "$work/${project##*/}" --verbosity quiet
done
copy=$work/Srcnn.Bench.Startup/Srcnn.Bench.Startup
srcnn=$work/Srcnn.Cli/srcnn
"$copy" prepare "$work/files" 256

names=("decode and encode" "srcnn --version" "srcnn upscale --model bicubic" "srcnn upscale --device host" "srcnn upscale")
run() {
  local upscale=("$srcnn" upscale "$work/files/small.png" -o "$work/files/out.png" --overwrite)
  case $1 in
    0) "$copy" copy "$work/files/small.png" "$work/files/copy.png" ;;
    1) "$srcnn" --version ;;
    2) "${upscale[@]}" --model bicubic ;;
    3) "${upscale[@]}" --model "$work/files/model-x3.safetensors" --device host ;;
    4) "${upscale[@]}" --model "$work/files/model-x3.safetensors" ;;
  esac >/dev/null 2>"$work/error.log" || { cat "$work/error.log" >&2; exit 1; }
}

for ((round = 0; round <= rounds; round++)); do
  for i in "${!names[@]}"; do
    begin=$(date +%s%N)
    run "$i"
    end=$(date +%s%N)
    if [ "$round" -gt 0 ]; then echo $(((end - begin) / 10000)) >>"$work/times.$i"; fi # the first round warms the disk cache
  done
done
median() { sort -n "$1" | awk '{ t[NR] = $1 } END { m = NR % 2 ? t[(NR + 1) / 2] : (t[NR / 2] + t[NR / 2 + 1]) / 2; printf "%.1f", m / 100 }'; }
spread() { sort -n "$1" | awk 'NR == 1 { least = $1 } { most = $1 } END { printf "%.1f-%.1f", least / 100, most / 100 }'; }

base=$(median "$work/times.0")
printf '%-32s %9s %16s %9s %9s\n' "$rounds rounds" 'median ms' spread above compiled
for i in "${!names[@]}"; do
  time=$(median "$work/times.$i")
  DOTNET_JitStdOutFile=$PWD/$work/jit.$i DOTNET_JitDisasmSummary=1 run "$i"
  printf '%-32s %9s %16s %9s %9s\n' "${names[$i]}" "$time" "$(spread "$work/times.$i")" "$(awk "BEGIN { printf \"%.1f\", $time - $base }")" "$(wc -l <"$work/jit.$i")"
done
echo "target: 'srcnn upscale' at most 60 ms above 'decode and encode'"

if command -v strace >/dev/null; then
  for i in "${!names[@]}"; do
    export -f run
    export srcnn copy work
    strace -f -qq -e trace=openat -o "$work/files.$i" bash -c "run $i"
    loaded=$(grep -v ENOENT "$work/files.$i" | grep -oE '(ILGPU[A-Za-z.]*\.dll|Spectre\.Console[A-Za-z.]*\.dll|NetVips\.dll|libvips[^"]*|System\.Text\.Json\.dll|libOpenCL[^"]*|libcuda[^"]*|libpocl[^"]*)' | sort -u | tr '\n' ' ')
    echo "${names[$i]} loads: ${loaded:-none of ILGPU, NetVips, Spectre.Console, OpenCL, CUDA, Text.Json}"
  done
fi
