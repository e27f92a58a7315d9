#include "runtime/hooks/child.h"

#include <linux/close_range.h>
#include <sys/mman.h>
#include <time.h>

#include <algorithm>
#include <array>
#include <cstdint>

#include "base/text.h"
#include "sys/io.h"
#include "sys/process.h"

namespace nacre::hooks {
namespace {

// What the child needs, laid out before it exists: it shares our memory and only makes system
// calls.
struct Launch {
  const char* path;
  const char* const* argv;
  const char* const* envp;
  const char* directory;
  int input;
  int output;
  int errors;
  Errno failure;  // written by the child when it cannot become the program
};

void run_launch(void* argument) {
  auto& launch = *static_cast<Launch*>(argument);
  constexpr int kSignals = 64;
  for (int signal = 1; signal <= kSignals; ++signal) {
    static_cast<void>(sys::reset_signal(signal));  // KILL and STOP refuse, and need no reset
  }
  auto ready = sys::set_signal_mask(0);
  if (ready) ready = sys::dup_onto(FdRef(launch.input), 0);
  if (ready) ready = sys::dup_onto(FdRef(launch.output), 1);
  if (ready) ready = sys::dup_onto(FdRef(launch.errors), 2);
  if (ready) ready = sys::close_range(3, ~0U, CLOSE_RANGE_CLOEXEC);
  if (ready && !sys::chdir(launch.directory)) ready = sys::chdir("/");
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

Result<UniqueFd> make_input(std::string_view bytes) {
  UniqueFd file =
      NACRE_TRY_CTX(sys::memfd_create("input", MFD_CLOEXEC), "make standard input of a program");
  NACRE_TRY_CTX(sys::write_all(file, bytes), "write standard input of a program");
  static_cast<void>(
      NACRE_TRY_CTX(sys::lseek(file, 0, SEEK_SET), "rewind standard input of a program"));
  return file;
}

std::int64_t now_ms() {
  timespec time{};
  static_cast<void>(::clock_gettime(CLOCK_MONOTONIC, &time));
  return std::int64_t{time.tv_sec} * 1000 + time.tv_nsec / 1000000;
}

// One of the two outputs, closed at its end.
class Capture {
 public:
  Capture(UniqueFd pipe, std::size_t limit) : pipe_(std::move(pipe)), limit_(limit) {}

  // -1 is ignored by poll.
  [[nodiscard]] int fd() const { return pipe_.get(); }
  std::string take() && { return std::move(kept_); }

  void read_some() {
    std::array<char, 16384> chunk;
    const auto got = sys::read(pipe_, chunk.data(), chunk.size());
    if (!got && (got.error().value == EAGAIN || got.error().value == EINTR)) return;
    if (!got || *got == 0) {
      pipe_.reset();
      return;
    }
    kept_.append(chunk.data(), std::min(*got, limit_ - kept_.size()));
  }
  // What the pipe still holds. Bounded: something left running may go on writing for ever.
  void drain() {
    constexpr int kReadsOfAFullPipe = 8;
    for (int i = 0; pipe_ && i < kReadsOfAFullPipe; ++i) read_some();
  }

 private:
  UniqueFd pipe_;
  std::size_t limit_;
  std::string kept_;
};

struct Running {
  sys::PidFd process;
  Capture output;
  Capture errors;
};

Result<Running> start(const ChildRequest& request) {
  const UniqueFd input = NACRE_TRY(make_input(request.input));
  auto output = NACRE_TRY_CTX(sys::pipe(), "make a pipe");
  auto errors = NACRE_TRY_CTX(sys::pipe(), "make a pipe");
  NACRE_TRY_CTX(sys::set_status_flags(output.read, O_NONBLOCK), "set up a pipe");
  NACRE_TRY_CTX(sys::set_status_flags(errors.read, O_NONBLOCK), "set up a pipe");

  const auto argv = pointers(request.args);
  const auto envp = pointers(request.env);
  Launch launch{request.path.c_str(),      argv.data(), envp.data(),
                request.directory.c_str(), input.get(), output.write.get(),
                errors.write.get(),        Errno{}};
  int pidfd = -1;
  sys::CloneArgs clone;
  clone.pidfd_out = &pidfd;
  clone.exit_signal = SIGCHLD;
  sys::SpawnStack stack;
  static_cast<void>(
      NACRE_TRY_CTX(sys::clone3_spawn(clone, true, stack, run_launch, &launch), "start a process"));
  sys::PidFd process(pidfd);
  if (launch.failure.value != 0) {
    static_cast<void>(sys::waitid(P_PIDFD, process.get(), WEXITED));
    return fail(Error::from_errno(launch.failure, text::join("exec ", text::quote(request.path))));
  }
  return Running{std::move(process), Capture(std::move(output.read), request.output_limit),
                 Capture(std::move(errors.read), request.output_limit)};
}

// False when the time is over before the process is.
Result<bool> follow(Running& child, const std::optional<int>& timeout_ms) {
  const std::int64_t deadline = timeout_ms ? now_ms() + *timeout_ms : 0;
  for (;;) {
    std::array<pollfd, 3> events{pollfd{child.process.get(), POLLIN, 0},
                                 pollfd{child.output.fd(), POLLIN, 0},
                                 pollfd{child.errors.fd(), POLLIN, 0}};
    const std::int64_t left = timeout_ms ? std::max<std::int64_t>(0, deadline - now_ms()) : -1;
    const auto ready = sys::poll(events.data(), events.size(), static_cast<int>(left));
    if (!ready && ready.error().value == EINTR) continue;
    if (!ready) return fail(Error::from_errno(ready.error(), "wait for a program"));
    if (*ready == 0) return false;
    if (events[1].revents != 0) child.output.read_some();
    if (events[2].revents != 0) child.errors.read_some();
    if (events[0].revents != 0) return true;
  }
}

}  // namespace

Result<ChildResult> run_child(const ChildRequest& request) {
  Running child = NACRE_TRY(start(request));
  const auto ended = follow(child, request.timeout_ms);
  if (!ended || !*ended) static_cast<void>(sys::pidfd_send_signal(child.process, SIGKILL));
  const siginfo_t info =
      NACRE_TRY_CTX(sys::waitid(P_PIDFD, child.process.get(), WEXITED), "wait for a program");
  if (!ended) return fail(ended.error());

  child.output.drain();
  child.errors.drain();
  ChildResult result;
  result.timed_out = !*ended;
  result.exit_status = info.si_code == CLD_EXITED ? info.si_status : -1;
  result.signal = info.si_code == CLD_EXITED ? 0 : info.si_status;
  result.output = std::move(child.output).take();
  result.errors = std::move(child.errors).take();
  return result;
}

}  // namespace nacre::hooks
