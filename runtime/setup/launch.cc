#include "runtime/setup/launch.h"

#include <linux/memfd.h>

#include <cstring>
#include <optional>

#include "base/scope_exit.h"
#include "base/text.h"
#include "runtime/setup/failure.h"
#include "runtime/setup/id_maps.h"
#include "runtime/setup/init_image.h"
#include "sys/credentials.h"
#include "sys/io.h"
#include "sys/process.h"
#include "sys/socket.h"

namespace nacre::setup {
namespace {

// ---- the child between clone and exec: system calls only, in this process's memory

struct ChildStart {
  int image = -1;
  const char* const* argv = nullptr;
  const int* inherited = nullptr;
  std::size_t inherited_count = 0;
  int preserve_fds = 0;
  bool keep_capabilities = false;
  int error = 0;  // written by the child
};

// exec by a process whose ids the new user namespace does not map yet clears its capabilities;
// ambient ones stay.
sys::Outcome<void> keep_capabilities_over_exec() {
  auto sets = NACRE_TRY(sys::capget());
  sets.inheritable = sets.permitted;
  NACRE_TRY(sys::capset(sets));
  for (unsigned capability = 0; capability < 64; ++capability) {
    if ((sets.permitted >> capability & 1U) == 0) continue;
    static_cast<void>(
        NACRE_TRY(sys::prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, capability, 0, 0)));
  }
  return {};
}

sys::Outcome<void> exec_init(const ChildStart& start) {
  if (start.keep_capabilities) NACRE_TRY(keep_capabilities_over_exec());
  NACRE_TRY(
      sys::close_range(3U + static_cast<unsigned>(start.preserve_fds), ~0U, CLOSE_RANGE_CLOEXEC));
  for (std::size_t i = 0; i < start.inherited_count; ++i) {
    NACRE_TRY(sys::set_fd_flags(FdRef(start.inherited[i]), 0));
  }
  const char* const no_environment[] = {nullptr};
  return std::unexpected(
      sys::execveat(FdRef(start.image), "", start.argv, no_environment, AT_EMPTY_PATH));
}

void child_entry(void* argument) {
  auto* start = static_cast<ChildStart*>(argument);
  start->error = exec_init(*start).error().value;
  sys::exit_now(127);
}

// ---- the parent

// A finite wait is wrong here: hooks and slow disks take what they take, and init's end closes the
// socket.
Result<bool> receive(FdRef socket, init::InitReport& report) {
  for (;;) {
    const auto got = sys::receive_with_fd(socket, &report, sizeof report);
    // ECONNRESET: init ended with a byte of ours unread. The kernel says that once and first; what
    // init had said before is still to be read.
    if (!got && (got.error().value == EINTR || got.error().value == ECONNRESET)) continue;
    if (!got) return fail(Error::from_errno(got.error(), "read the report of the init process"));
    if (got->size == 0) return false;
    if (got->size != sizeof report) return fail(internal_error("a report of the wrong size"));
    return true;
  }
}

class Launch {
 public:
  Launch(const plan::Plan& plan, const OpenedPlan& opened, LaunchEvents& events)
      : plan_(plan), opened_(opened), events_(events) {}

  Result<Launched> run(int cgroup_fd) {
    NACRE_TRY(start(cgroup_fd));
    auto done = converse();
    if (!done) {
      end_process(process_);
      return std::unexpected(std::move(done).error());
    }
    return Launched{pid_, std::move(process_)};
  }

 private:
  Result<UniqueFd> write_plan(int report_fd) {
    UniqueFd file = NACRE_TRY_CTX(sys::memfd_create("plan", MFD_CLOEXEC),
                                  "create a file in memory for the plan");
    NACRE_TRY_CTX(sys::write_all(file, plan::flatten(plan_, opened_, report_fd)), "write the plan");
    return file;
  }

  Result<void> start(int cgroup_fd) {
    sys::SocketPair report =
        NACRE_TRY_CTX(sys::socketpair(SOCK_SEQPACKET), "create the report socket");
    const UniqueFd image = NACRE_TRY(open_init_image());
    const UniqueFd plan_file = NACRE_TRY(write_plan(report.theirs.get()));
    std::vector<int> inherited = opened_.inherited();
    inherited.push_back(report.theirs.get());
    inherited.push_back(plan_file.get());
    const std::string plan_number = std::to_string(plan_file.get());
    const char* const argv[] = {"nacre-init", plan_number.c_str(), nullptr};
    ChildStart child{.image = image.get(),
                     .argv = argv,
                     .inherited = inherited.data(),
                     .inherited_count = inherited.size(),
                     .preserve_fds = plan_.preserve_fds,
                     .keep_capabilities = plan_.exec_without_maps};
    sys::SpawnStack stack;
    int pidfd = -1;
    pid_ = NACRE_TRY_CTX(sys::clone3_spawn({.flags = plan_.clone_flags,
                                            .pidfd_out = &pidfd,
                                            .cgroup_fd = cgroup_fd,
                                            .exit_signal = SIGCHLD},
                                           true, stack, child_entry, &child),
                         "clone the container's first process");
    process_ = sys::PidFd(pidfd);
    if (child.error != 0) {
      end_process(process_);
      return fail(Error::from_errno(Errno{child.error}, "execute the init image"));
    }
    report_ = std::move(report.ours);
    return plan_.two_steps ? Result<void>{} : process_exists();
  }

  Result<void> process_exists() {
    NACRE_TRY(events_.on_process(pid_));
    return plan_.waits_for_record ? let_go_on() : Result<void>{};
  }

  Result<void> let_go_on() {
    const char go = 'g';
    const auto sent = sys::send_with_fd(report_, &go, 1, -1);
    // An init that has failed meanwhile said so, and that is read next.
    if (sent || sent.error().value == EPIPE) return {};
    return fail(Error::from_errno(sent.error(), "let the init process go on"));
  }

  // Until init says "created" or its end of the socket closes at exec. The second process may be
  // heard before the first one has said who it is: what it says is kept until then.
  Result<void> converse() {
    std::optional<init::InitReport> early;
    for (;;) {
      init::InitReport report;
      if (!NACRE_TRY(receive(report_, report))) {
        return early ? fail(failure(plan_, *early, opened_)) : ended();
      }
      if (plan_.two_steps && !followed_ && report.kind != init::ReportKind::kPid) {
        early = report;
        continue;
      }
      if (NACRE_TRY(handle(report))) return {};
      if (early && NACRE_TRY(handle(*std::exchange(early, std::nullopt)))) return {};
    }
  }

  // True: the container is created.
  Result<bool> handle(const init::InitReport& report) {
    switch (report.kind) {
      case init::ReportKind::kPid:
        NACRE_TRY(follow(static_cast<int>(report.op)));
        return false;
      case init::ReportKind::kReady:
        NACRE_TRY(serve(report.stage));
        return false;
      case init::ReportKind::kCreated:
        return true;
      case init::ReportKind::kFailed:
        break;
    }
    return fail(failure(plan_, report, opened_));
  }

  // The first process has handed over to its sibling and ends.
  Result<void> follow(int pid) {
    NACRE_TRY_CTX(sys::waitid(P_PIDFD, process_.get(), WEXITED), "wait for the joining process");
    followed_ = true;
    pid_ = pid;
    process_ = NACRE_TRY_CTX(sys::pidfd_open(pid), "open the container's first process");
    return process_exists();
  }

  Result<void> serve(init::Stage stage) {
    if (stage == init::Stage::kHooks) {
      NACRE_TRY(events_.on_hooks(pid_));
    } else {
      if (plan_.id_maps) NACRE_TRY(write_id_maps(pid_, *plan_.id_maps));
      NACRE_TRY(set_limits());
    }
    NACRE_TRY(let_go_on());
    return stage == init::Stage::kHooks ? Result<void>{} : send_places();
  }

  // For each kOpenTree, in order: where it is, in init's own mount namespace, found with this
  // process's rights.
  Result<void> send_places() {
    sys::DirFd root;
    for (const plan::PlannedOp& op : plan_.ops) {
      if (op.kind != init::OpKind::kOpenTree) continue;
      if (!root) {
        const std::string path = text::join("/proc/", pid_, "/root");
        root = NACRE_TRY_CTX(sys::openat<sys::DirFd>(sys::kCwd, path.c_str(), O_PATH | O_DIRECTORY),
                             path);
      }
      const UniqueFd place = NACRE_TRY_CTX(
          sys::openat2_scoped(root, op.text.c_str(), {.flags = O_PATH, .resolve = RESOLVE_IN_ROOT}),
          op.what);
      const char mark = 'p';
      static_cast<void>(NACRE_TRY_CTX(sys::send_with_fd(report_, &mark, 1, place.get()), op.what));
    }
    return {};
  }

  Result<void> set_limits() {
    for (const plan::RlimitSetting& limit : plan_.parent_rlimits) {
      const struct {
        std::uint64_t soft, hard;
      } raw{limit.soft, limit.hard};
      NACRE_TRY_CTX(sys::call<void>(__NR_prlimit64, pid_, limit.resource, &raw, nullptr),
                    limit.name);
    }
    return {};
  }

  // The socket closed without a report. A plan that waits for start never gets there; else it
  // closed at exec. (An init that was killed just before exec looks the same as a program that was
  // killed just after: its wait status tells the caller.)
  Result<void> ended() {
    for (const plan::PlannedOp& op : plan_.ops) {
      if (op.kind == init::OpKind::kAwaitStart) return fail(killed());
    }
    return {};
  }

  static Error killed() {
    return internal_error("the init process was killed before it could report");
  }

  const plan::Plan& plan_;
  const OpenedPlan& opened_;
  LaunchEvents& events_;
  int pid_ = 0;
  bool followed_ = false;  // plan.two_steps: the second process is known
  sys::PidFd process_;
  UniqueFd report_;
};

}  // namespace

void end_process(const sys::PidFd& process) {
  static_cast<void>(sys::pidfd_send_signal(process, SIGKILL));
  static_cast<void>(sys::waitid(P_PIDFD, process.get(), WEXITED));
}

Result<Launched> launch(const plan::Plan& plan, const OpenedPlan& opened, int cgroup_fd,
                        LaunchEvents& events) {
  return Launch(plan, opened, events).run(cgroup_fd);
}

}  // namespace nacre::setup
