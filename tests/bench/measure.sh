#!/bin/sh
# Imports, calculates, attests and exports a generated kommun of each size, and prints cpu seconds and peak memory per step.
# usage: sh tests/bench/measure.sh ARVODE ROWS…   (needs GNU time and python3-openpyxl, Debian's packages)
set -eu
here=$(cd "$(dirname "$0")" && pwd); program=$1; shift
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
for rows; do
    data=$work/$rows
    /usr/bin/python3 "$here/generate.py" --rows "$rows" --out "$work/in$rows"
    "$program" init "$data" >/dev/null
    cp "$work/in$rows/organ.toml" "$data/config/regelverk/bench.toml"
    sed -i 's/^forsta_manad = .*/forsta_manad = "2026-10"/' "$data/config/regelverk/lonekalender.toml"
    for who in granskning beslut; do
        ssh-keygen -q -t ed25519 -N '' -C "$who" -f "$work/$rows-$who"
        printf '[[person]]\nid = "%s"\nname = "%s"\nemail = "%s@kommunen.example"\nkey = "%s"\nroles = ["%s"]\nansvar = ["*"]\nmax_belopp = 1000000000\nfrom = 2026-01-01\nkind = "ordinarie"\ndecision = "KS 1"\n' \
            "$who" "$who" "$who" "$(cat "$work/$rows-$who.pub")" "$who" >>"$data/config/attestforteckning.toml"
    done
    step() {
        name=$1; shift
        /usr/bin/time -f "%U %S %M" -o "$work/time" "$@" >/dev/null || [ $? -eq 1 ]
        tail -n 1 "$work/time" | awk -v rows="$rows" -v name="$name" '{ printf "%9d rows  %-22s cpu %6.2f s   peak %6.1f MiB\n", rows, name, $1 + $2, $3 / 1024 }'
    }
    step "import register" "$program" --data "$data" import "$work/in$rows/register.xlsx"
    step "import attendance" "$program" --data "$data" import "$work/in$rows/narvaro.xlsx"
    step "same attendance again" "$program" --data "$data" import "$work/in$rows/narvaro.xlsx"
    step "month --freeze" "$program" --data "$data" month 2026-11 --freeze
    step "attest granskning" "$program" --data "$data" attest sign 2026-11/1 --role granskning --key "$work/$rows-granskning"
    step "attest beslut" "$program" --data "$data" attest sign 2026-11/1 --role beslut --key "$work/$rows-beslut"
    step "export" "$program" --data "$data" export 2026-11/1
done
