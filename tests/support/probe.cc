// The payload of the integration tests: a static program that runs as the container's process and
// says what it finds there, so that assertions are about what a process experiences and not about
// what a file on the host claims.
//
//   probe VERB [ARG...] [VERB [ARG...]]...
//
// Each verb prints one line of JSON. The number of arguments of a verb is fixed, so verbs can be
// strung together. Exit status: 0 after the last verb; 121 for a bad command line.
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <string_view>

#include "tests/support/probe_verbs.h"

namespace nacre::probe {
namespace {

struct Verb {
  std::string_view name;
  int args;
  void (*run)(Args);
};

constexpr auto kVerbs = std::to_array<Verb>({
    {"affinity", 0, verb_affinity},
    {"burn", 1, verb_burn},  // milliseconds of CPU time
    {"caps", 0, verb_caps},
    {"cat", 0, verb_cat},
    {"chdir", 1, verb_chdir},
    {"chmod", 2, verb_chmod},  // PATH OCTAL
    {"chown", 3, verb_chown},  // PATH UID GID
    {"create", 2, verb_create},
    {"cwd", 0, verb_cwd},
    {"env", 0, verb_env},
    {"exe", 0, verb_exe},
    {"exit", 1, verb_exit},
    {"fds", 0, verb_fds},
    {"fork-exit", 2, verb_fork_exit},    // N children that exit with STATUS at once, not reaped
    {"fork-pause", 1, verb_fork_pause},  // N children that wait for ever
    {"forkbomb", 1, verb_forkbomb},      // at most N children
    {"groups", 0, verb_groups},
    {"host", 0, verb_host},
    {"id", 0, verb_id},
    {"io-write", 2, verb_io_write},  // PATH BYTES, direct
    {"ioprio", 0, verb_ioprio},
    {"keyring", 0, verb_keyring},
    {"links", 0, verb_links},
    {"ls", 1, verb_ls},
    {"memhog", 1, verb_memhog},  // BYTES, touched
    {"mempolicy", 0, verb_mempolicy},
    {"mkdir", 1, verb_mkdir},
    {"mknod", 4, verb_mknod},  // PATH c|b|p MAJOR MINOR
    {"mount", 3, verb_mount},  // TYPE SOURCE TARGET
    {"mounts", 0, verb_mounts},
    {"nnp", 0, verb_nnp},
    {"notify", 1, verb_notify},  // one datagram to $NOTIFY_SOCKET
    {"ns", 0, verb_ns},
    {"oom-score-adj", 0, verb_oom_score_adj},
    {"open", 2, verb_open},          // PATH r|w|rw|path|dir
    {"open-dev", 3, verb_open_dev},  // c|b MAJOR MINOR
    {"pause", 0, verb_pause},
    {"personality", 0, verb_personality},
    {"pid", 0, verb_pid},
    {"processes", 0, verb_processes},
    {"read", 1, verb_read},
    {"remount-rw", 1, verb_remount_rw},
    {"rlimits", 0, verb_rlimits},
    {"say", 1, verb_say},
    {"sched", 0, verb_sched},
    {"seccomp", 0, verb_seccomp},
    {"setsid-pause", 0, verb_setsid_pause},  // a child in a session of its own
    {"signal-self", 1, verb_signal_self},
    {"signals", 0, verb_signals},
    {"spin", 0, verb_spin},
    {"stat", 1, verb_stat},
    {"stat-follow", 1, verb_stat_follow},
    {"statfs", 1, verb_statfs},
    {"stdin-eof", 0, verb_stdin_eof},  // waits for the end of standard input
    {"syscall", 5, verb_syscall},      // NUMBER A0 A1 A2 A3
    {"sysctl", 1, verb_sysctl},
    {"timens", 0, verb_timens},
    {"tiocsti", 0, verb_tiocsti},
    {"tty", 0, verb_tty},
    {"umask", 0, verb_umask},
    {"umount", 1, verb_umount},
    {"unlink", 1, verb_unlink},
    {"wait-file", 1, verb_wait_file},
    {"wait-signal", 0, verb_wait_signal},
    {"watch-exe", 1, verb_watch_exe},  // at most N milliseconds
    {"write", 2, verb_write},
});

const Verb* find(std::string_view name) {
  for (const auto& verb : kVerbs) {
    if (verb.name == name) return &verb;
  }
  return nullptr;
}

}  // namespace
}  // namespace nacre::probe

int main(int argc, char** argv) {
  for (int at = 1; at < argc;) {
    if (std::string_view(argv[at]) == "exec") {  // takes the rest of the line
      ::execv(argv[at + 1], argv + at + 1);
      static_cast<void>(::dprintf(2, "probe: exec %s: %s\n", argv[at + 1], ::strerror(errno)));
      return 126;
    }
    const auto* verb = nacre::probe::find(argv[at]);
    if (verb == nullptr || at + verb->args >= argc) {
      static_cast<void>(::dprintf(2, "probe: bad verb or missing argument: %s\n", argv[at]));
      return 121;
    }
    verb->run(argv + at + 1);
    at += 1 + verb->args;
  }
  return 0;
}
