# Made by nacre-runtime-docs from the table of commands: change it there.
# shellcheck shell=bash
_nacre_runtime() {
  local word=${COMP_WORDS[COMP_CWORD]} scope=global root=() kind='' words='' skip='' i
  COMPREPLY=()
  for ((i = 1; i < COMP_CWORD; i++)); do
    if [[ $skip ]]; then skip=''; continue; fi
    case $scope:${COMP_WORDS[i]} in
    global:--root) root=(--root "${COMP_WORDS[i + 1]}"); skip=1 ;;
    global:--log) skip=1 ;;
    global:--log-format) skip=1 ;;
    global:--log-level) skip=1 ;;
    global:--cgroup-manager) skip=1 ;;
    global:--rootless) skip=1 ;;
    global:--criu) skip=1 ;;
    global:-*) ;;
    global:*) scope=${COMP_WORDS[i]} ;;
    esac
  done
  case $scope:${COMP_WORDS[COMP_CWORD - 1]} in
    global:--root) kind='directory' ;;
    global:--log) kind='file' ;;
    global:--log-format) words='text json' ;;
    global:--log-level) words='error warning debug' ;;
    global:--cgroup-manager) words='cgroupfs systemd disabled' ;;
    global:--rootless) words='auto true false' ;;
    global:--criu) kind='file' ;;
    create:--bundle | create:-b) kind='directory' ;;
    create:--console-socket) kind='file' ;;
    create:--pidfd-socket) kind='file' ;;
    create:--pid-file) kind='file' ;;
    create:--preserve-fds) kind='free' ;;
    create:--config) kind='file' ;;
    run:--bundle | run:-b) kind='directory' ;;
    run:--console-socket) kind='file' ;;
    run:--pidfd-socket) kind='file' ;;
    run:--pid-file) kind='file' ;;
    run:--preserve-fds) kind='free' ;;
    run:--config) kind='file' ;;
    exec:--console-socket) kind='file' ;;
    exec:--pidfd-socket) kind='file' ;;
    exec:--pid-file) kind='file' ;;
    exec:--process | exec:-p) kind='file' ;;
    exec:--cwd) kind='free' ;;
    exec:--env | exec:-e) kind='free' ;;
    exec:--user | exec:-u) kind='free' ;;
    exec:--additional-gids | exec:-g) kind='free' ;;
    exec:--process-label) kind='free' ;;
    exec:--apparmor) kind='free' ;;
    exec:--cap | exec:-c) kind='free' ;;
    exec:--preserve-fds) kind='free' ;;
    exec:--cgroup) kind='free' ;;
    list:--format | list:-f) words='table json' ;;
    ps:--format | ps:-f) words='table json' ;;
    spec:--bundle | spec:-b) kind='directory' ;;
  esac
  if [[ ! $kind && ! $words ]]; then
    case $scope:$word in
    global:-*) words='--root --log --log-format --log-level --debug --systemd-cgroup --cgroup-manager --rootless --criu --help -h --version -v' ;;
    global:*) words='create start run exec state list ps kill delete pause resume spec features help' ;;
    help:*) words='create start run exec state list ps kill delete pause resume spec features help' ;;
    create:-*) words='--bundle -b --console-socket --pidfd-socket --pid-file --no-pivot --no-new-keyring --preserve-fds --config --plan-only --help -h' ;;
    start:-*) words='--help -h' ;;
    run:-*) words='--bundle -b --console-socket --pidfd-socket --pid-file --detach -d --keep --no-subreaper --no-pivot --no-new-keyring --preserve-fds --config --help -h' ;;
    exec:-*) words='--console-socket --pidfd-socket --pid-file --detach -d --process -p --cwd --env -e --tty -t --user -u --additional-gids -g --process-label --apparmor --no-new-privs --cap -c --preserve-fds --cgroup --ignore-paused --help -h' ;;
    state:-*) words='--help -h' ;;
    list:-*) words='--format -f --quiet -q --help -h' ;;
    ps:-*) words='--format -f --help -h' ;;
    kill:-*) words='--all -a --help -h' ;;
    delete:-*) words='--force -f --help -h' ;;
    pause:-*) words='--help -h' ;;
    resume:-*) words='--help -h' ;;
    spec:-*) words='--bundle -b --rootless --help -h' ;;
    features:-*) words='--help -h' ;;
    start:* | exec:* | state:* | ps:* | kill:* | delete:* | pause:* | resume:*)
      words=$("${COMP_WORDS[0]}" "${root[@]}" list -q 2>/dev/null) ;;
    esac
  fi
  case $kind in
  directory) mapfile -t COMPREPLY < <(compgen -d -- "$word") ;;
  file) mapfile -t COMPREPLY < <(compgen -f -- "$word") ;;
  free) ;;
  *) mapfile -t COMPREPLY < <(compgen -W "$words" -- "$word") ;;
  esac
}
complete -F _nacre_runtime nacre-runtime
