#!/usr/bin/env bash
# Checks the models in tests/Model with spin: each sound one, which must hold, then its weakenings, each of which must lead to a second fill.
# The last line is `model: N passed, N failed`. With --steps the shortest way to each second fill is told: build/model.sh --steps
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
exec </dev/null
source build/debian.sh
source build/verdict.sh

readonly models=$PWD/tests/Model steps=${1:-} patience=5m
model=order.pml second_fill='assertion violated (fills==1)'
readonly -a compiler_options=(-O1 -w -DNOREDUCE -DMEMLIM=4000)

# The weakenings need no more than this to show; a violation within narrow bounds is one within wider bounds too.
narrow=(-DSKEW=0 -DSETTLE_MARGIN=1 -DCALLS=2 -DLAST_START=5)

# What spin needs from Debian, each with a file that shows it is there.
declare -rA needs=(
  [spin]=/usr/bin/spin
  [gcc]=/usr/bin/gcc
  [libc6-dev]=/usr/include/stdio.h
)

# explore DEFINITIONS -- COMPILER OPTIONS -- SEARCH OPTIONS: leaves what spin, the compiler and the search said in the file `log`.
explore() {
  local -a definitions=() compiling=()
  while [[ $1 != -- ]]; do definitions+=("$1"); shift; done; shift
  while [[ $1 != -- ]]; do compiling+=("$1"); shift; done; shift
  rm -rf "${scratch:?}"/*
  (cd "$scratch" && cp "$models/$model" . \
    && spin "${definitions[@]}" -a "$model" \
    && gcc "${compiler_options[@]}" "${compiling[@]}" -o pan pan.c \
    && timeout "$patience" ./pan -m100000 "$@") >"$scratch/log" 2>&1 || true
}

# The search went through everything and found nothing.
is_sound() {
  grep -q 'errors: 0' "$scratch/log" && ! grep -qE 'Search not completed|depth too small|MEMLIM' "$scratch/log"
}

unreached() {
  grep -E '(order|calls)\.pml:[0-9]+, state ' "$scratch/log" | grep -v '"-end-"'
}

states() {
  sed -nE 's/^ *([0-9.e+]+) states, stored.*/\1/p' "$scratch/log"
}

report() {
  local outcome=$1 name=$2 started=$3 finding=$4
  local milliseconds=$(((${EPOCHREALTIME/./} - started) / 1000))
  printf '%-6s %-84s %s   %d.%d s\n' "$outcome" "$name" "$finding" $((milliseconds / 1000)) $((milliseconds % 1000 / 100))
  if [[ $outcome == passed ]]; then
    passed=$((passed + 1))
  else
    failed=$((failed + 1))
    tail -n 30 "$scratch/log"
  fi
}

holds() {
  local name=$1 started=${EPOCHREALTIME/./} outcome=failed
  shift
  explore "$@" -- -DSAFETY --
  if is_sound; then outcome=passed; fi
  report "$outcome" "sound: $name" "$started" "$(is_sound && echo 0 errors || echo errors), $(states) states"
}

# A statement that is never reached would be a rule that is never tried. spin tells only of those outside a d_step.
reaches() {
  local name=$1 started=${EPOCHREALTIME/./} outcome=failed
  shift
  explore -Dd_step=atomic "$@" -- -DSAFETY --
  if is_sound && ! unreached; then outcome=passed; fi
  report "$outcome" "sound: $name" "$started" "$(unreached | wc -l || true) unreached, $(states) states"
}

ends() {
  local name=$1 started=${EPOCHREALTIME/./} outcome=failed
  shift
  explore "$@" -- -DNP -- -l
  if is_sound; then outcome=passed; fi
  report "$outcome" "sound: $name" "$started" "$(is_sound && echo 0 cycles || echo cycles), $(states) states"
}

# Breadth first, so that the way it finds is a shortest one.
breaks() {
  local weakening=$1 started=${EPOCHREALTIME/./} outcome=failed way=''
  explore "-D$weakening" -DONLY_ONCE "${narrow[@]}" -- -DSAFETY -DBFS --
  if grep -qF "$second_fill" "$scratch/log"; then
    outcome=passed
    way=$(cd "$scratch" && spin -T -t "-D$weakening" -DONLY_ONCE "${narrow[@]}" "$model" | grep -E '^t[0-9]+ ')
  fi
  report "$outcome" "$weakening: $2" "$started" "$([[ $way ]] && echo "second fill after $(wc -l <<<"$way") steps" || echo 'no second fill')"
  if [[ $steps == --steps && $way ]]; then sed 's/^/         /' <<<"$way"; fi
}

install_missing needs

holds 'two attempts, one death, a clock off by up to a tick' -DSETTLE_MARGIN=1 -DLAST_START=5
holds 'two attempts, two deaths' -DSKEW=0 -DCRASHES=2
holds 'three attempts, one death' -DSKEW=0 -DSETTLE_MARGIN=1 -DATTEMPTS=3 -DLAST_START=7
holds 'two attempts, one death, wider windows' -DSKEW=0 -DRECV_WINDOW=2 -DSETTLE_MARGIN=3 -DLAST_START=7
reaches 'every statement is reached' "${narrow[@]}"
ends 'every run ends, so that a verdict not given at its end is never given' "${narrow[@]}"

breaks WEAK_WINDOW 'absence counts from the stamp on, not from the end of its window'
breaks WEAK_LAG 'the exchange shows an order one tick later than assumption A1 allows'
breaks WEAK_JOURNAL 'the journal is written after the attempt has left'
breaks WEAK_STAMP 'the signer stamps after NoStampAfter'
breaks WEAK_OPENORDER 'openOrder is asked instead of order'
breaks WEAK_CLOCK "absence counts by the process's own clock, a tick ahead"
breaks WEAK_FORGET 'the journal forgets an executed order once its verdict was handed over'

# The second model: who sends an order, who is told of it, and when its record is free.
model=calls.pml second_fill='assertion violated isFirst'

holds 'one caller whose handlers send its message again' -DCALLERS=1 -DSENDS=2
holds 'one caller, and a copy of its message that is kept back' -DCALLERS=1 -DCOPIES=1
holds 'two callers of one order' -DOTHERS_CALLS=1
holds 'two callers, one call each, and a cancel of their resting order' -DCALLS=1 -DCANCELS=1 -DRESTS
holds 'one caller and a cancel of its resting order' -DCALLERS=1 -DSENDS=2 -DCANCELS=1 -DRESTS

narrow=(-DCALLERS=1)
breaks WEAK_DEBT 'a call that ends untold counts as told'
narrow=(-DCALLERS=1 -DCOPIES=1)
breaks WEAK_LATE 'a copy that was kept back leaves after its call was answered'
breaks WEAK_CLOSE 'a copy may leave between the last look at the record and the answer'
breaks WEAK_LAST_WORD 'a call is told that its send was refused while another of its sends stands'
narrow=(-DOTHERS_CALLS=1)
breaks WEAK_MINUTE 'a verdict that was told answers no repeat, whatever trouble there was'
breaks WEAK_NEWEST 'of equal calls only the newest counts as the sender'
narrow=(-DCALLS=1 -DCANCELS=1 -DRESTS)
breaks WEAK_OVERTAKEN 'a call that began before a cancel sends after it'
