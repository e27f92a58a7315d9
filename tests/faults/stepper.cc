#include "tests/faults/stepper.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace nacre::test {
namespace {

int shell_status(int status) {
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

long call_number(pid_t pid) {
  __ptrace_syscall_info info{};
  // At an exit stop the kernel no longer tells the number; it was noted at the entry.
  const long got = ::ptrace(PTRACE_GET_SYSCALL_INFO, pid, static_cast<long>(sizeof info), &info);
  if (got <= 0 || info.op != PTRACE_SYSCALL_INFO_ENTRY) return -1;
  return static_cast<long>(info.entry.nr);
}

}  // namespace

Steps run_steps(Command command, std::optional<int> limit) {
  Steps steps;
  const UniqueFd null(::open("/dev/null", O_RDWR | O_CLOEXEC));
  // A leak check at exit would attach to a process that is traced already; the other sanitizers
  // stay on.
  command.env("ASAN_OPTIONS", "detect_leaks=0");
  command.stdin_fd(null.get()).stdout_fd(null.get()).stderr_fd(null.get()).before_exec([] {
    ::ptrace(PTRACE_TRACEME, 0, nullptr, nullptr);
  });
  Running running = command.start();
  const pid_t pid = running.pid();
  int status = 0;
  long deliver = 0;
  bool at_entry = true;
  // The first stop is the one of execve.
  if (::waitpid(pid, &status, 0) != pid || !WIFSTOPPED(status)) {
    ADD_FAILURE() << "the program did not stop at its start";
    return steps;
  }
  ::ptrace(PTRACE_SETOPTIONS, pid, nullptr, PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL);
  while (!limit || steps.taken < *limit) {
    if (::ptrace(PTRACE_SYSCALL, pid, nullptr, deliver) != 0) break;
    deliver = 0;
    if (::waitpid(pid, &status, __WALL) != pid) break;
    if (!WIFSTOPPED(status)) {
      running.disown();
      steps.exit_code = shell_status(status);
      return steps;
    }
    if (WSTOPSIG(status) != (SIGTRAP | 0x80)) {
      if (WSTOPSIG(status) != SIGTRAP) deliver = WSTOPSIG(status);
      continue;
    }
    if (at_entry) steps.last_call = call_number(pid);
    if (!at_entry) {
      ++steps.taken;
      steps.calls.push_back(steps.last_call);
    }
    at_entry = !at_entry;
  }
  ::kill(pid, SIGKILL);
  while (::waitpid(pid, &status, __WALL) == pid && WIFSTOPPED(status)) {
  }
  running.disown();
  steps.killed = true;
  steps.exit_code = shell_status(status);
  return steps;
}

std::vector<int> steps_to_try(int total, int samples) {
  std::vector<int> steps;
#ifdef NACRE_FAULTS_EVERY_STEP
  samples = total;
#endif
  const int stride = std::max(1, total / std::max(1, samples));
  for (int step = 1; step <= total; step += stride) steps.push_back(step);
  return steps;
}

}  // namespace nacre::test
