# Sourced by scripts that check: they count in `passed` and `failed`, may use the folder `scratch`, and end with the line `NAME: N passed, N failed`.

passed=0
failed=0
scratch=$(mktemp -d)

# Has the last word whatever happened before: a run that broke off, and one in which nothing passed, are failures.
summarise() {
  rm -rf "$scratch"
  if ((failed == 0)) && (($1 != 0 || passed == 0)); then
    failed=1
  fi
  echo "$(basename "$0" .sh): $passed passed, $failed failed"
  exit $((failed > 0))
}
trap 'summarise $?' EXIT
