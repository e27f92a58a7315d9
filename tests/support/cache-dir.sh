# shellcheck shell=bash disable=SC2034  # those who source it use them
# Sourced: sets `cache` to where things that are dear to make are kept. Everything below it may be deleted at any time.
repository=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd -P)
cache=${NACRE_CACHE_DIR:-${XDG_CACHE_HOME:+$XDG_CACHE_HOME/nacre}}
cache=${cache:-$repository/build/cache}
