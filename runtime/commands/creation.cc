#include "runtime/commands/creation.h"

#include <cstdlib>
#include <optional>

#include "base/scope_exit.h"
#include "base/text.h"
#include "cgroups/cgroup.h"
#include "cgroups/device_program.h"
#include "cgroups/path.h"
#include "oci-spec/runtime/state.h"
#include "runtime/commands/bundle.h"
#include "runtime/commands/containers.h"
#include "runtime/commands/flag_values.h"
#include "runtime/commands/notices.h"
#include "runtime/commands/notify.h"
#include "runtime/commands/passed_fds.h"
#include "runtime/commands/teardown.h"
#include "runtime/commands/terminal_socket.h"
#include "runtime/hooks/hooks.h"
#include "runtime/log/timestamp.h"
#include "runtime/plan/make_plan.h"
#include "runtime/setup/container_cgroup.h"
#include "runtime/setup/host_facts.h"
#include "runtime/setup/pid_file.h"
#include "runtime/setup/seccomp_agent.h"
#include "runtime/setup/seccomp_program.h"
#include "runtime/setup/terminal.h"
#include "runtime/setup/unix_socket.h"
#include "runtime/state/process_stat.h"
#include "runtime/state/status.h"
#include "sys/io.h"
#include "sys/process.h"
#include "sys/socket.h"

namespace nacre::commands {
namespace {

class Creation final : public setup::LaunchEvents {
 public:
  Creation(const commandline::GlobalOptions& options, const CreateRequest& request)
      : options_(options), request_(request) {}

  // One line for each step. What a failed step leaves behind is undone by `undo`, from the record
  // alone, as `delete --force` would do it.
  Result<Created> run() {
    bundle_ = NACRE_TRY(load_bundle(request_.bundle, request_.config));
    NACRE_TRY(
        check_terminal(bundle_.spec.process->terminal, request_.detach, request_.console_socket));
    seccomp_ = NACRE_TRY(setup::compile_seccomp(bundle_.spec.linux_.seccomp));
    NACRE_TRY(claim_id());
    ScopeExit undo([this] { remove_everything(); });
    NACRE_TRY(make_plan());
    NACRE_TRY(write_first_record());
    NACRE_TRY(make_cgroup());
    if (request_.start_now) notify_ = NACRE_TRY(NotifyProxy::open(*dir_, record_));
    setup::Launched init = NACRE_TRY_CTX(start_init(), "unable to start container process");
    if (notify_) notify_->set_main_process(init.pid);
    NACRE_TRY(write_final_record());
    NACRE_TRY(announce(init));
    undo.dismiss();
    return Created{std::move(*dir_), std::move(record_), std::move(init), std::move(terminal_),
                   std::move(notify_)};
  }

  // Init exists. Without a cgroup its number is all that `delete` would have to find it by, should
  // this process be killed.
  Result<void> on_process(int pid) override {
    record_.pid = pid;
    const bool hooks = plan_.parent_hooks || plan_.init_hooks;
    if (!request_.start_now && !record_.cgroup_path.empty() && !hooks) return {};
    // With `run` this is the whole record, and written before the program runs.
    if (request_.start_now && !hooks) record_.creating = false;
    NACRE_TRY(note_start_time());
    return dir_->save(record_);
  }

  Result<void> on_hooks(int) override {
    if (plan_.init_hooks) NACRE_TRY(hand_state_to_init());
    if (plan_.needs_seccomp_listener) {
      NACRE_TRY(setup::write_seccomp_message(
          *opened_, record_, state::oci_state(record_, oci::Status::kCreating), record_.pid));
    }
    const hooks::HookContext context{"prestart", state_json(), bundle_.path};
    NACRE_TRY(hooks::run_hooks(context, bundle_.spec.hooks.prestart));
    const hooks::HookContext runtime{"createRuntime", state_json(), bundle_.path};
    return hooks::run_hooks(runtime, bundle_.spec.hooks.create_runtime);
  }

 private:
  Result<void> claim_id() {
    const state::StateStore store = NACRE_TRY(make_store(options_));
    dir_.emplace(NACRE_TRY(store.create(request_.id)));
    ScopeExit undo([this] { dir_->remove_empty(); });
    lock_.emplace(NACRE_TRY(dir_->lock()));
    NACRE_TRY(reserve_descriptors());
    undo.dismiss();
    return {};
  }

  // Undoing needs descriptors, also when there are no more to be had.
  Result<void> reserve_descriptors() {
    constexpr int kReserve = 8;
    for (int i = 0; i < kReserve; ++i) {
      reserve_.push_back(NACRE_TRY_CTX(sys::duplicate(dir_->dir()), "reserve descriptors"));
    }
    return {};
  }

  Result<void> make_plan() {
    const PassedFds passed = NACRE_TRY(find_passed_fds(request_.preserve_fds));
    const plan::HostFacts host = NACRE_TRY(setup::gather_host_facts(*bundle_.spec.process));
    note_capabilities(*options_.logger, *bundle_.spec.process, host,
                      bundle_.spec.find_namespace(oci::NamespaceType::kUser) != nullptr);
    // NOLINTNEXTLINE(concurrency-mt-unsafe): the runtime has one thread
    const char* notify = std::getenv("NOTIFY_SOCKET");
    plan::LaunchOptions launch{
        .id = request_.id,
        .bundle = bundle_.path,
        .notify_directory = {},
        .wait_for_start = !request_.start_now,
        .no_pivot = request_.no_pivot,
        .no_new_keyring = request_.no_new_keyring,
        .foreground_terminal = !request_.detach,
        .terminal_size = request_.detach ? std::nullopt : setup::size_of_terminal(FdRef(0)),
        .preserve_fds = passed.preserve,
        .listen_fds = passed.listen};
    if (notify != nullptr && *notify != '\0') {
      record_.notify_socket = notify;
      launch.notify_directory = text::join(dir_->path(), '/', kNotifyDirectory);
      NACRE_TRY_CTX(sys::mkdirat(dir_->dir(), kNotifyDirectory, 0755),
                    "make the directory of the notify socket");
    }
    plan_ = NACRE_TRY_CTX(plan::make_plan(bundle_.spec, host, launch, seccomp_),
                          "unable to start container process");
    return {};
  }

  // Before anything that would have to be cleaned up exists: `delete --force` works from the record
  // however this ends.
  Result<void> write_first_record() {
    const oci::Spec& spec = bundle_.spec;
    record_.id = request_.id;
    record_.oci_version = spec.oci_version;
    record_.creating = true;
    record_.bundle = bundle_.path;
    record_.rootfs = plan_.root_path;
    record_.created = log::now_rfc3339_nano();
    record_.annotations = spec.annotations;
    record_.rootless = sys::geteuid() != 0;
    const oci::Namespace* pid = spec.find_namespace(oci::NamespaceType::kPid);
    record_.private_pid_namespace = pid != nullptr && pid->path.empty();
    record_.private_user_namespace = spec.find_namespace(oci::NamespaceType::kUser) != nullptr;
    record_.hooks.poststart = spec.hooks.poststart;
    record_.hooks.poststop = spec.hooks.poststop;
    record_.has_seccomp = !seccomp_.filter.empty();
    if (spec.linux_.personality) record_.personality = spec.linux_.personality->domain;
    if (spec.linux_.seccomp) {
      record_.seccomp_listener_path = spec.linux_.seccomp->listener_path;
      record_.seccomp_listener_metadata = spec.linux_.seccomp->listener_metadata;
    }
    note_start_steps();
    cgroup_ = NACRE_TRY_CTX(setup::plan_cgroup(spec, request_.id, options_.cgroup_manager,
                                               options_.systemd_cgroup, may_do_without_cgroup()),
                            "unable to start container process");
    record_.cgroup_path = cgroup_.path;
    record_.cgroup_manager = cgroup_.manager;
    if (record_.has_seccomp) NACRE_TRY(setup::save_seccomp(dir_->dir(), seccomp_));
    return dir_->save(record_);
  }

  [[nodiscard]] bool may_do_without_cgroup() const {
    if (options_.rootless == commandline::Rootless::kAuto) return record_.rootless;
    return options_.rootless == commandline::Rootless::kTrue;
  }

  // `start` has no plan; what can still fail then is kept as text.
  void note_start_steps() {
    bool waiting = false;
    for (std::size_t i = 0; i < plan_.ops.size(); ++i) {
      if (plan_.ops[i].kind == init::OpKind::kAwaitStart) {
        waiting = true;
        record_.first_start_step = static_cast<std::uint32_t>(i);
      }
      if (waiting) record_.start_steps.push_back(plan_.ops[i].what);
    }
  }

  Result<void> make_cgroup() {
    auto made = setup::make_cgroup(cgroup_, bundle_.spec);
    if (cgroup_.path.empty()) record_.cgroup_path.clear();
    NACRE_TRY_CTX(std::move(made),
                  "unable to start container process: unable to apply cgroup configuration");
    if (!cgroup_.cgroup && !record_.cgroup_path.empty()) {
      // It could not be made and nothing depended on it (rootless).
      record_.cgroup_path.clear();
      return dir_->save(record_);
    }
    return {};
  }

  Result<setup::Launched> start_init() {
    setup::Endpoints endpoints;
    if (!request_.start_now) {
      endpoints.start_socket =
          NACRE_TRY(setup::listen_at(dir_->dir(), state::kStartSocket, SOCK_SEQPACKET));
    }
    console_ =
        NACRE_TRY(connect_console(plan_.needs_console, request_.detach, request_.console_socket));
    endpoints.console_socket = std::move(console_.for_init);
    if (!request_.pidfd_socket.empty()) {
      pidfd_socket_ = NACRE_TRY(setup::connect_socket(request_.pidfd_socket, SOCK_STREAM));
    }
    if (plan_.needs_seccomp_listener) {
      endpoints.seccomp_socket = NACRE_TRY(setup::connect_seccomp_agent(record_));
    }
    auto opened = NACRE_TRY_CTX(setup::OpenedPlan::open(plan_, std::move(endpoints)),
                                "error during container init");
    opened_ = &opened;
    const int cgroup_fd = cgroup_.cgroup ? cgroup_.cgroup->dir().get() : -1;
    auto launched = setup::launch(plan_, opened, cgroup_fd, *this);
    opened_ = nullptr;
    if (!launched) return std::unexpected(explain(std::move(launched).error()));
    terminal_ = NACRE_TRY(receive_terminal(console_));
    return launched;
  }

  // A memory limit too small for the start itself shows as an init killed by the kernel.
  Error explain(Error error) const {
    if (cgroup_.cgroup) {
      const auto events = cgroup_.cgroup->events();
      if (events && events->memory && events->memory->oom_kill > 0) {
        return {ErrorCode::kResourceExhausted,
                "container init was OOM-killed (memory limit too low?)"};
      }
      // Too little even to execute it: refused instead of killed.
      if (events && events->memory && events->memory->max > 0 && error.sys_errno() == ENOMEM) {
        error = Error(ErrorCode::kResourceExhausted,
                      text::join(error.message(), " (memory limit too low?)"));
      }
    }
    return std::move(error).with_context("error during container init");
  }

  Result<void> write_final_record() {
    if (!record_.creating) return {};
    NACRE_TRY(note_start_time());
    record_.creating = false;
    return dir_->save(record_);
  }

  Result<void> note_start_time() {
    const auto stat = state::read_stat(record_.pid);
    // Gone already: a program that ended at once under `run`. Its zombie is still ours, so this is
    // rare.
    record_.start_time = stat ? stat->start_time : 0;
    return {};
  }

  Result<void> announce(const setup::Launched& init) {
    if (pidfd_socket_) NACRE_TRY(setup::send_descriptor(pidfd_socket_, init.process, "pidfd"));
    if (!request_.pid_file.empty()) NACRE_TRY(setup::write_pid_file(request_.pid_file, init.pid));
    return {};
  }

  [[nodiscard]] std::string state_json(oci::Status status = oci::Status::kCreating) const {
    return oci::to_json(state::oci_state(record_, status));
  }

  Result<void> hand_state_to_init() {
    constexpr const char* kWhat = "hand the state to the hooks";
    NACRE_TRY_CTX(sys::write_all(opened_->hook_state(), state_json()), kWhat);
    NACRE_TRY_CTX(sys::write_all(opened_->start_hook_state(), state_json(oci::Status::kCreated)),
                  kWhat);
    return {};
  }

  void remove_everything() {
    reserve_.clear();
    const auto removed = tear_down(*dir_, record_, *options_.logger);
    if (!removed) options_.logger->warn(removed.error().message());
  }

  const commandline::GlobalOptions& options_;
  const CreateRequest& request_;
  Bundle bundle_;
  plan::SeccompProgram seccomp_;
  plan::Plan plan_;
  std::optional<state::ContainerDir> dir_;
  std::optional<state::ContainerLock> lock_;
  std::vector<UniqueFd> reserve_;
  state::Record record_;
  setup::ContainerCgroup cgroup_;
  ConsoleSockets console_;
  UniqueFd pidfd_socket_;
  std::optional<NotifyProxy> notify_;
  UniqueFd terminal_;
  const setup::OpenedPlan* opened_ = nullptr;
};

}  // namespace

Result<Created> create_container(const commandline::GlobalOptions& options,
                                 const CreateRequest& request) {
  return Creation(options, request).run();
}

Result<void> run_poststart(const commandline::GlobalOptions& options,
                           const state::ContainerDir& dir, const state::Record& record) {
  if (record.hooks.poststart.empty()) return {};
  const hooks::HookContext context{
      "poststart", oci::to_json(state::oci_state(record, oci::Status::kRunning)), record.bundle};
  auto done = hooks::run_hooks(context, record.hooks.poststart);
  if (done) return {};
  const auto removed = tear_down(dir, record, *options.logger);
  if (!removed) options.logger->warn(removed.error().message());
  return done;
}

Result<CreateRequest> read_create_request(const commandline::Arguments& arguments) {
  CreateRequest request;
  request.id = arguments.positionals().front();
  request.bundle = arguments.value("bundle");
  request.config = arguments.value("config");
  request.console_socket = NACRE_TRY(read_path(arguments, "console-socket"));
  request.pidfd_socket = NACRE_TRY(read_path(arguments, "pidfd-socket"));
  request.pid_file = NACRE_TRY(read_path(arguments, "pid-file"));
  request.no_pivot = arguments.has("no-pivot");
  request.no_new_keyring = arguments.has("no-new-keyring");
  request.preserve_fds = NACRE_TRY(read_count(arguments, "preserve-fds"));
  return request;
}

}  // namespace nacre::commands
