#!/usr/bin/env bash
# TorchSharp's native half asks the C++ library for version GLIBCXX_3.4.32, for the sake of one function that initialises the standard
# streams. Debian 12 has 3.4.30, so it does not load. This script marks that demand as weak in the copy that lies beside the benchmark, and
# builds a small library with the function. It prints the library's path, to be named in LD_PRELOAD; where nothing is amiss it prints nothing.
# Needs g++ and python3.
# usage: torchsharp-on-debian12.sh OUTPUT_FOLDER
set -euo pipefail
out=$(cd "$1" && pwd)
native=$out/libLibTorchSharp.so
version=GLIBCXX_3.4.32
[ -f "$native" ] || exit 0
library=$(ldconfig -p | sed -n 's/.*libstdc++\.so\.6 .*x86-64.* => //p' | head -n 1)
if [ -z "$library" ] || grep -q "$version" "$library"; then exit 0; fi

shim=$out/libsrcnn-ios-init.so
if [ ! -f "$shim" ]; then
  printf '%s\n' '#include <iostream>' 'static std::ios_base::Init streams;' 'extern "C" void _ZSt21ios_base_library_initv() {}' |
    g++ -x c++ -O2 -shared -fPIC -o "$shim" -
fi

python3 - "$native" "$version" <<'P'
import os, struct, sys
path, version = sys.argv[1:]
data = bytearray(open(path, 'rb').read())
# ELF64: find the section of version needs (SHT_GNU_verneed) and walk its entries.
offset, = struct.unpack_from('<Q', data, 0x28)
size, count = struct.unpack_from('<HH', data, 0x3A)
sections = [struct.unpack_from('<IIQQQQIIQQ', data, offset + i * size) for i in range(count)]
needs = next(s for s in sections if s[1] == 0x6FFFFFFE)
names = sections[needs[6]][4]
name = lambda at: data[names + at:data.index(0, names + at)].decode()
at, changed = needs[4], False
while True:
    _, entries, _, first, following = struct.unpack_from('<HHIII', data, at)
    entry = at + first
    for _ in range(entries):
        _, flags, _, text, step = struct.unpack_from('<IHHII', data, entry)
        if name(text) == version and not flags & 2:
            struct.pack_into('<H', data, entry + 4, flags | 2)  # VER_FLG_WEAK
            changed = True
        entry += step
    if not following:
        break
    at += following
if changed:
    # A new file: the old one may be a hard link into the package cache.
    open(path + '.new', 'wb').write(data)
    os.replace(path + '.new', path)
P
echo "$shim"
