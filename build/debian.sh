# Sourced by scripts that need what Debian has.

# install_missing NEEDS: what is not there of an array of packages, each with a file that shows it is.
install_missing() {
  local -n wanted=$1
  local package missing=()
  for package in "${!wanted[@]}"; do
    compgen -G "${wanted[$package]}" >/dev/null || missing+=("$package")
  done
  if ((${#missing[@]} > 0)); then
    apt-get update -q
    DEBIAN_FRONTEND=noninteractive apt-get install -qy --no-install-recommends "${missing[@]}"
  fi
}
