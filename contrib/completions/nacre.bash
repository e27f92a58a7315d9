# Made from the table of commands by nacre-docs: change it there.
# shellcheck shell=bash
_nacre() {
  local word=${COMP_WORDS[COMP_CWORD]} scope='' skip='' kind='' words='' before i
  COMPREPLY=()
  for ((i = 1; i < COMP_CWORD; i++)); do
    if [[ $skip ]]; then skip=''; continue; fi
    case ${COMP_WORDS[i]} in
    --data-root) skip=1 ;;
    -*) ;;
    *)
      case $scope in
      '') scope=${COMP_WORDS[i]} ;;
      image) scope="image ${COMP_WORDS[i]}" ;;
      esac ;;
    esac
  done
  before=${COMP_WORDS[COMP_CWORD - 1]}
  case $scope:$before in
    *:--data-root) kind='directory' ;;
    'image check':--format) kind=words words='table json' ;;
    'image export':--output | 'image export':-o) kind='file' ;;
    'image export':--platform) kind='free' ;;
    'image history':--format | 'history':--format) kind='free' ;;
    'image history':--platform | 'history':--platform) kind='free' ;;
    'image import':--author | 'import':--author) kind='free' ;;
    'image import':--change | 'import':--change | 'image import':-c | 'import':-c) kind='free' ;;
    'image import':--compression | 'import':--compression) kind=words words='gzip zstd none' ;;
    'image import':--message | 'import':--message | 'image import':-m | 'import':-m) kind='free' ;;
    'image import':--platform | 'import':--platform) kind='free' ;;
    'image inspect':--format | 'image inspect':-f) kind='free' ;;
    'image inspect':--platform) kind='free' ;;
    'image load':--input | 'load':--input | 'image load':-i | 'load':-i) kind='file' ;;
    'image load':--name | 'load':--name) kind='free' ;;
    'image load':--platform | 'load':--platform) kind='free' ;;
    'image ls':--filter | 'image list':--filter | 'images':--filter | 'image ls':-f | 'image list':-f | 'images':-f) kind='free' ;;
    'image ls':--format | 'image list':--format | 'images':--format) kind='free' ;;
    'image prune':--filter) kind='free' ;;
    'image pull':--platform | 'pull':--platform) kind='free' ;;
    'image push':--platform | 'push':--platform) kind='free' ;;
    'image save':--format | 'save':--format) kind=words words='docker oci-archive oci-dir' ;;
    'image save':--output | 'save':--output | 'image save':-o | 'save':-o) kind='file' ;;
    'image save':--platform | 'save':--platform) kind='free' ;;
    'version':--format | 'version':-f) kind='free' ;;
  esac
  if [[ ! $kind ]]; then
    kind=words
    case $scope:$word in
    '':-*) words='--data-root --debug --help --version' ;;
    '':*) words='image history import load images pull push rmi save tag version help' ;;
    image:*) words='check export history import inspect load ls list prune pull push rm remove save tag ' ;;
    'image check':-*) words='--deep --format --repair --help' ;;
    'image check':*) kind='free' ;;
    'image export':-*) words='--output -o --platform --quiet -q --help' ;;
    'image export':*) kind='images' ;;
    'image history':-* | 'history':-*) words='--format --human -H --no-trunc --platform --quiet -q --help' ;;
    'image history':* | 'history':*) kind='images' ;;
    'image import':-* | 'import':-*) words='--author --change -c --compression --message -m --platform --quiet -q --help' ;;
    'image import':* | 'import':*) kind='file' ;;
    'image inspect':-*) words='--format -f --platform --help' ;;
    'image inspect':*) kind='images' ;;
    'image load':-* | 'load':-*) words='--input -i --name --platform --quiet -q --help' ;;
    'image load':* | 'load':*) kind='free' ;;
    'image ls':-* | 'image list':-* | 'images':-*) words='--all -a --digests --filter -f --format --no-trunc --quiet -q --help' ;;
    'image ls':* | 'image list':* | 'images':*) kind='images' ;;
    'image prune':-*) words='--all -a --filter --force -f --help' ;;
    'image prune':*) kind='free' ;;
    'image pull':-* | 'pull':-*) words='--all-tags -a --platform --quiet -q --help' ;;
    'image pull':* | 'pull':*) kind='images' ;;
    'image push':-* | 'push':-*) words='--all-tags -a --platform --quiet -q --help' ;;
    'image push':* | 'push':*) kind='images' ;;
    'image rm':-* | 'image remove':-* | 'rmi':-*) words='--force -f --no-prune --help' ;;
    'image rm':* | 'image remove':* | 'rmi':*) kind='images' ;;
    'image save':-* | 'save':-*) words='--format --output -o --platform --quiet -q --help' ;;
    'image save':* | 'save':*) kind='images' ;;
    'image tag':-* | 'tag':-*) words='--help' ;;
    'image tag':* | 'tag':*) kind='images' ;;
    'version':-*) words='--format -f --help' ;;
    'version':*) kind='free' ;;
    esac
  fi
  case $kind in
  directory) mapfile -t COMPREPLY < <(compgen -d -- "$word") ;;
  file) mapfile -t COMPREPLY < <(compgen -f -- "$word") ;;
  images)
    mapfile -t COMPREPLY < <(compgen -W "$(nacre image ls --format '{{.Repository}}:{{.Tag}}' 2>/dev/null)" -- "$word")
    [[ $(type -t __ltrim_colon_completions) ]] && __ltrim_colon_completions "$word" ;;
  words) mapfile -t COMPREPLY < <(compgen -W "$words" -- "$word") ;;
  esac
  return 0
}
complete -F _nacre nacre
