#include "images/registry/run_program.h"

#include <linux/close_range.h>
#include <sys/mman.h>

#include <algorithm>
#include <array>

#include "base/text.h"
#include "sys/io.h"
#include "sys/process.h"

namespace nacre::images::registry {
namespace {

constexpr std::size_t kMostOutput = 65536;

// What the child needs, laid out before it exists: it shares our memory and makes system calls
// only.
struct Launch {
  const char* path;
  const char* const* argv;
  const char* const* envp;
  int input;
  int output;
  Errno failure;  // written by the child when it cannot become the program
};

void run_launch(void* argument) {
  auto& launch = *static_cast<Launch*>(argument);
  constexpr int kSignals = 64;
  // Every signal is blocked here: no handler of ours may run in a child that shares our memory.
  for (int signal = 1; signal <= kSignals; ++signal)
    static_cast<void>(sys::reset_signal(signal));  // KILL and STOP refuse, and need no reset
  auto ready = sys::dup_onto(FdRef(launch.input), 0);
  if (ready) ready = sys::dup_onto(FdRef(launch.output), 1);
  if (ready) ready = sys::close_range(3, ~0U, CLOSE_RANGE_CLOEXEC);
  if (ready) ready = sys::set_signal_mask(0);
  launch.failure = ready ? sys::execve(launch.path, launch.argv, launch.envp) : ready.error();
  sys::exit_now(127);
}

std::vector<const char*> pointers(const std::vector<std::string>& texts) {
  std::vector<const char*> out;
  out.reserve(texts.size() + 1);
  for (const std::string& text : texts) out.push_back(text.c_str());
  out.push_back(nullptr);
  return out;
}

// A file in memory rather than a pipe: writing to a program that does not read cannot fail or hang.
Result<UniqueFd> make_input(std::string_view bytes) {
  UniqueFd file = NACRE_TRY_CTX(sys::memfd_create("input", MFD_CLOEXEC), "make standard input");
  NACRE_TRY_CTX(sys::write_all(file, bytes), "write standard input");
  static_cast<void>(NACRE_TRY_CTX(sys::lseek(file, 0, SEEK_SET), "rewind standard input"));
  return file;
}

struct Running {
  sys::PidFd process;
  UniqueFd output;
};

Result<Running> start(const ProgramRequest& request) {
  const UniqueFd input = NACRE_TRY(make_input(request.input));
  auto output = NACRE_TRY_CTX(sys::pipe(), "make a pipe");
  NACRE_TRY_CTX(sys::set_status_flags(output.read, O_NONBLOCK), "set up a pipe");
  const auto argv = pointers(request.args);
  const auto envp = pointers(request.env);
  Launch launch{request.path.c_str(), argv.data(),        envp.data(),
                input.get(),          output.write.get(), Errno{}};
  int pidfd = -1;
  sys::SpawnStack stack;
  const std::uint64_t mask =
      NACRE_TRY_CTX(sys::swap_signal_mask(~std::uint64_t{0}), "block signals");
  const auto child = sys::clone3_spawn({.pidfd_out = &pidfd, .exit_signal = SIGCHLD}, true, stack,
                                       run_launch, &launch);
  NACRE_TRY_CTX(sys::set_signal_mask(mask), "unblock signals");
  if (!child) return fail(Error::from_errno(child.error(), "start a process"));
  sys::PidFd process(pidfd);
  if (launch.failure.value != 0) {
    static_cast<void>(sys::waitid(P_PIDFD, process.get(), WEXITED));
    return fail(Error::from_errno(launch.failure, text::join("exec ", text::quote(request.path))));
  }
  return Running{std::move(process), std::move(output.read)};
}

// Closes the pipe at its end.
void read_some(UniqueFd& pipe, std::string& kept) {
  std::array<char, 16384> chunk;
  const auto got = sys::read(pipe, chunk.data(), chunk.size());
  if (!got && (got.error().value == EAGAIN || got.error().value == EINTR)) return;
  if (!got || *got == 0) {
    pipe.reset();
    return;
  }
  kept.append(chunk.data(), std::min(*got, kMostOutput - kept.size()));
}

// False when the time is over before the process is.
Result<bool> follow(Running& child, int timeout_ms, std::string& output) {
  const std::int64_t deadline = sys::monotonic_ms() + timeout_ms;
  for (;;) {
    // A closed pipe is -1, which poll passes over.
    std::array<pollfd, 2> events{pollfd{child.process.get(), POLLIN, 0},
                                 pollfd{child.output.get(), POLLIN, 0}};
    const std::int64_t left = std::max<std::int64_t>(0, deadline - sys::monotonic_ms());
    const auto ready = sys::poll(events.data(), events.size(), static_cast<int>(left));
    if (!ready && ready.error().value == EINTR) continue;
    if (!ready) return fail(Error::from_errno(ready.error(), "wait for a program"));
    if (*ready == 0) return false;
    if (events[1].revents != 0) read_some(child.output, output);
    if (events[0].revents != 0) return true;
  }
}

}  // namespace

Result<ProgramEnd> run_program(const ProgramRequest& request) {
  Running child = NACRE_TRY(start(request));
  ProgramEnd end;
  const auto ended = follow(child, request.timeout_ms, end.output);
  if (!ended || !*ended) static_cast<void>(sys::pidfd_send_signal(child.process, SIGKILL));
  const siginfo_t info =
      NACRE_TRY_CTX(sys::waitid(P_PIDFD, child.process.get(), WEXITED), "wait for a program");
  if (!ended) return fail(ended.error());
  // What the pipe still holds. Bounded: something left running may go on writing for ever.
  constexpr int kReadsOfAFullPipe = 8;
  for (int i = 0; child.output && i < kReadsOfAFullPipe; ++i) read_some(child.output, end.output);
  end.timed_out = !*ended;
  end.exit_status = info.si_code == CLD_EXITED ? info.si_status : -1;
  return end;
}

}  // namespace nacre::images::registry
