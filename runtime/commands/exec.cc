#include <linux/sched.h>
#include <sys/socket.h>

#include <array>
#include <optional>

#include "base/scope_exit.h"
#include "base/text.h"
#include "cgroups/hierarchy.h"
#include "runtime/commands/commands.h"
#include "runtime/commands/containers.h"
#include "runtime/commands/exec_request.h"
#include "runtime/commands/notices.h"
#include "runtime/commands/passed_fds.h"
#include "runtime/commands/terminal_socket.h"
#include "runtime/plan/cpu_list.h"
#include "runtime/plan/make_plan.h"
#include "runtime/setup/foreground.h"
#include "runtime/setup/host_facts.h"
#include "runtime/setup/launch.h"
#include "runtime/setup/pid_file.h"
#include "runtime/setup/seccomp_agent.h"
#include "runtime/setup/seccomp_program.h"
#include "runtime/setup/terminal.h"
#include "runtime/setup/unix_socket.h"
#include "runtime/state/container_cgroup.h"
#include "runtime/state/status.h"
#include "sys/io.h"
#include "sys/process.h"

namespace nacre::commands {
namespace {

Result<void> check_executable_in(const Container& container, bool ignore_paused) {
  switch (NACRE_TRY(state::current_status(container.dir, container.record))) {
    case oci::Status::kStopped:
      return fail(failed_precondition("cannot exec in a stopped container"));
    case oci::Status::kPaused:
      if (ignore_paused) return {};
      return fail(failed_precondition(
          "cannot exec in a paused container (use --ignore-paused to override)"));
    case oci::Status::kCreating:
      return fail(failed_precondition("cannot exec in a container that is still being created"));
    case oci::Status::kCreated:
    case oci::Status::kRunning:
      break;
  }
  return {};
}

// Which of init's namespaces are not the runtime's: joining one's own user namespace again is an
// error.
Result<plan::ContainerFacts> find_namespaces(int pid) {
  struct Kind {
    const char* name;
    std::uint64_t flag;
  };
  constexpr std::array kKinds = {Kind{"user", CLONE_NEWUSER},     Kind{"pid", CLONE_NEWPID},
                                 Kind{"mnt", CLONE_NEWNS},        Kind{"net", CLONE_NEWNET},
                                 Kind{"ipc", CLONE_NEWIPC},       Kind{"uts", CLONE_NEWUTS},
                                 Kind{"cgroup", CLONE_NEWCGROUP}, Kind{"time", CLONE_NEWTIME}};
  plan::ContainerFacts facts;
  facts.root_path = text::join("/proc/", pid, "/root");
  for (const Kind& kind : kKinds) {
    const auto theirs =
        sys::statx(sys::kCwd, text::join("/proc/", pid, "/ns/", kind.name).c_str(), 0);
    const auto ours = sys::statx(sys::kCwd, text::join("/proc/self/ns/", kind.name).c_str(), 0);
    if (!theirs && theirs.error().value == ENOENT && !ours) continue;  // not in this kernel
    NACRE_TRY_CTX(theirs, text::join("find the container's ", kind.name, " namespace"));
    NACRE_TRY_CTX(ours, text::join("find the runtime's ", kind.name, " namespace"));
    if (theirs->stx_ino != ours->stx_ino) facts.namespaces |= kind.flag;
  }
  facts.own_user_namespace = (facts.namespaces & CLONE_NEWUSER) != 0;
  if (facts.own_user_namespace) {
    const std::string file = text::join("/proc/", pid, "/setgroups");
    const auto setgroups = sys::read_file(sys::kCwd, file.c_str(), 16);
    facts.setgroups_denied = setgroups && text::trim(*setgroups) == "deny";
  }
  return facts;
}

// A process born in a frozen cgroup would not get as far as its first step, and neither would we.
// The container may have frozen a part of itself.
Result<void> expect_not_frozen(int cgroup) {
  if (cgroup < 0) return {};
  const auto events = sys::read_file(FdRef(cgroup), "cgroup.events", 4096);
  if (!events || events->find("frozen 1") == std::string::npos) return {};
  return fail(
      failed_precondition("cannot exec in a paused container (use --ignore-paused to override)"));
}

// A process that is not born in the container's cgroup itself, because that hands controllers to
// cgroups below, goes where init is.
class ExecCgroup {
 public:
  static Result<ExecCgroup> find(const state::Record& record, const std::string& sub_cgroup) {
    ExecCgroup found;
    if (record.cgroup_path.empty()) return found;
    const auto hierarchy = NACRE_TRY(cgroups::find_hierarchy());
    std::string path = record.cgroup_path;
    if (!sub_cgroup.empty()) {
      if (text::join('/', sub_cgroup, '/').find("/../") != std::string::npos) {
        return fail(invalid_argument(text::join("bad sub cgroup path: ", text::quote(sub_cgroup))));
      }
      text::append(path, '/', sub_cgroup);
    }
    found.dir_ =
        NACRE_TRY_CTX(sys::openat(hierarchy.root, path.substr(1).c_str(), O_PATH | O_DIRECTORY),
                      text::join("open cgroup ", text::quote(path)));
    if (sub_cgroup.empty()) NACRE_TRY(found.find_init(hierarchy, record.pid));
    return found;
  }
  [[nodiscard]] int first() const { return dir_.get(); }
  [[nodiscard]] int of_init() const { return init_dir_.get(); }

 private:
  Result<void> find_init(const cgroups::Hierarchy& hierarchy, int pid) {
    const auto subtree = sys::read_file(dir_, "cgroup.subtree_control", 4096);
    if (subtree && text::trim(*subtree).empty()) return {};
    const std::string file = text::join("/proc/", pid, "/cgroup");
    const std::string lines = NACRE_TRY_CTX(sys::read_file(sys::kCwd, file.c_str(), 65536), file);
    for (const std::string_view line : text::split(lines, '\n')) {
      if (!line.starts_with("0::/")) continue;
      const std::string path(line.substr(4));
      init_dir_ = NACRE_TRY_CTX(
          sys::openat(hierarchy.root, path.empty() ? "." : path.c_str(), O_PATH | O_DIRECTORY),
          text::join("open cgroup ", text::quote(path)));
    }
    return {};
  }

  UniqueFd dir_;
  UniqueFd init_dir_;
};

class Execution final : public setup::LaunchEvents {
 public:
  Execution(const Container& container, const ExecRequest& request, oci::Process process,
            const log::Logger& logger)
      : container_(container), request_(request), process_(std::move(process)), logger_(logger) {}

  Result<setup::Launched> run() {
    NACRE_TRY(make_plan());
    setup::Endpoints endpoints;
    endpoints.container = NACRE_TRY(state::open_init(container_.record));
    console_ =
        NACRE_TRY(connect_console(plan_.needs_console, request_.detach, request_.console_socket));
    endpoints.console_socket = std::move(console_.for_init);
    UniqueFd pidfd_socket;
    if (!request_.pidfd_socket.empty()) {
      pidfd_socket = NACRE_TRY(setup::connect_socket(request_.pidfd_socket, SOCK_STREAM));
    }
    NACRE_TRY(set_initial_affinity());
    const auto cgroup = NACRE_TRY(ExecCgroup::find(container_.record, request_.sub_cgroup));
    if (plan_.needs_seccomp_listener) {
      endpoints.seccomp_socket = NACRE_TRY(setup::connect_seccomp_agent(container_.record));
    }
    const int home = cgroup.of_init() >= 0 ? cgroup.of_init() : cgroup.first();
    if (!request_.ignore_paused) NACRE_TRY(expect_not_frozen(home));
    opened_ = NACRE_TRY(setup::OpenedPlan::open(plan_, std::move(endpoints)));
    // What was opened by the container's number is the container's: it still has that number.
    static_cast<void>(NACRE_TRY(state::open_init(container_.record)));
    auto launched = NACRE_TRY(setup::launch(plan_, *opened_, home, *this));
    // Who is told that exec failed looks after no process.
    ScopeExit undo([&] { setup::end_process(launched.process); });
    if (pidfd_socket) NACRE_TRY(setup::send_descriptor(pidfd_socket, launched.process, "pidfd"));
    if (!request_.pid_file.empty()) {
      NACRE_TRY(setup::write_pid_file(request_.pid_file, launched.pid));
    }
    undo.dismiss();
    return launched;
  }

  Result<UniqueFd> terminal() { return receive_terminal(console_); }

  Result<void> on_process(int) override { return {}; }
  // exec runs no hooks; what waits there is the message to the seccomp agent.
  Result<void> on_hooks(int pid) override {
    return setup::write_seccomp_message(*opened_, container_.record,
                                        state::oci_state(container_.record, oci::Status::kRunning),
                                        pid);
  }

 private:
  Result<void> make_plan() {
    const PassedFds passed = NACRE_TRY(find_passed_fds(request_.preserve_fds));
    const auto host = NACRE_TRY(setup::gather_host_facts(process_));
    auto facts = NACRE_TRY(find_namespaces(container_.record.pid));
    note_capabilities(logger_, process_, host, facts.own_user_namespace);
    facts.personality = container_.record.personality;
    plan::SeccompProgram seccomp;
    if (container_.record.has_seccomp) {
      seccomp = NACRE_TRY(setup::load_seccomp(container_.dir.dir()));
    }
    const plan::LaunchOptions launch{
        .id = container_.record.id,
        .bundle = container_.record.bundle,
        .notify_directory = {},
        .wait_for_start = false,
        .foreground_terminal = !request_.detach,
        .terminal_size = request_.detach ? std::nullopt : setup::size_of_terminal(FdRef(0)),
        .preserve_fds = passed.preserve,
        .listen_fds = passed.listen};
    plan_ = NACRE_TRY(plan::make_exec_plan(process_, facts, host, launch, seccomp));
    return {};
  }

  // Before the process is born into the cgroup, whose cpuset may not contain these
  // (runtime-spec 1.2.1, execCPUAffinity).
  Result<void> set_initial_affinity() {
    if (!process_.exec_cpu_affinity || process_.exec_cpu_affinity->initial.empty()) return {};
    const std::string mask =
        NACRE_TRY_CTX(plan::parse_cpu_list(process_.exec_cpu_affinity->initial),
                      "process.execCPUAffinity.initial");
    NACRE_TRY_CTX(
        sys::sched_setaffinity(mask.data(), mask.size()),
        text::join("set process.execCPUAffinity.initial ", process_.exec_cpu_affinity->initial));
    return {};
  }

  const Container& container_;
  const ExecRequest& request_;
  oci::Process process_;
  const log::Logger& logger_;
  plan::Plan plan_;
  ConsoleSockets console_;
  std::optional<setup::OpenedPlan> opened_;
};

Result<int> exec_in(const GlobalOptions& options, const Arguments& arguments) {
  const ExecRequest request = NACRE_TRY(read_exec_request(arguments));
  const Container container = NACRE_TRY(load_container(options, request.id));
  NACRE_TRY(check_executable_in(container, request.ignore_paused));
  oci::Process process = NACRE_TRY(make_process(arguments, container.record));
  NACRE_TRY(check_terminal(process.terminal, request.detach, request.console_socket));
  std::optional<setup::SignalRelay> relay;
  if (!request.detach) relay.emplace(NACRE_TRY(setup::SignalRelay::create()));
  Execution execution(container, request, std::move(process), *options.logger);
  const auto launched = NACRE_TRY_CTX(execution.run(), "unable to start container process");
  if (request.detach) return 0;
  UniqueFd terminal = NACRE_TRY(execution.terminal());
  return setup::wait_in_foreground(*relay, launched.process, std::move(terminal));
}

}  // namespace

Result<int> run_exec(const GlobalOptions& options, const Arguments& arguments) {
  return NACRE_TRY_CTX(exec_in(options, arguments), "exec failed");
}

}  // namespace nacre::commands
