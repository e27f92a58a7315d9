// Entry of the init image: map the plan, run its operations, report the first failure.
#include "runtime/init/init.h"
#include "sys/file.h"
#include "sys/process.h"

namespace nacre::init {
namespace {

struct Row {
  OpKind kind;
  Handler handler;
};
constexpr Row kHandlers[] = {
    {OpKind::kJoin, join},
    {OpKind::kUnshare, unshare},
    {OpKind::kFork, fork},
    {OpKind::kBecomeRoot, become_root},
    {OpKind::kRendezvous, rendezvous},
    {OpKind::kNewSession, new_session},
    {OpKind::kKeyring, keyring},
    {OpKind::kLoopbackUp, loopback_up},
    {OpKind::kHostname, hostname},
    {OpKind::kDomainname, domainname},
    {OpKind::kPropagation, propagation},
    {OpKind::kOpenTree, open_tree},
    {OpKind::kKeepMount, keep_mount},
    {OpKind::kAttachRoot, attach_root},
    {OpKind::kUseRoot, use_root},
    {OpKind::kNewFs, new_fs},
    {OpKind::kTakeMount, take_mount},
    {OpKind::kSetAttr, set_attr},
    {OpKind::kCopyUp, copy_up},
    {OpKind::kAttach, attach},
    {OpKind::kMakeDevice, make_device},
    {OpKind::kMakeLink, make_link},
    {OpKind::kMask, mask},
    {OpKind::kReadonly, readonly},
    {OpKind::kReadonlyRoot, readonly_root},
    {OpKind::kRootPropagation, root_propagation},
    {OpKind::kPivotRoot, pivot_root},
    {OpKind::kMoveRoot, move_root},
    {OpKind::kChroot, chroot},
    {OpKind::kConsole, console},
    {OpKind::kHook, hook},
    {OpKind::kWriteProc, write_proc},
    {OpKind::kForget, forget},
    {OpKind::kRlimit, rlimit},
    {OpKind::kScheduler, scheduler},
    {OpKind::kIoPriority, io_priority},
    {OpKind::kMemoryPolicy, memory_policy},
    {OpKind::kAffinity, affinity},
    {OpKind::kPersonality, personality},
    {OpKind::kStdio, stdio},
    {OpKind::kStdioOwner, stdio_owner},
    {OpKind::kBounding, bounding},
    {OpKind::kIdentity, identity},
    {OpKind::kWorkingDirectory, working_directory},
    {OpKind::kUmask, umask},
    {OpKind::kCapabilities, capabilities},
    {OpKind::kFindHome, find_home},
    {OpKind::kFindExecutable, find_executable},
    {OpKind::kAwaitStart, await_start},
    {OpKind::kNoNewPrivileges, no_new_privileges},
    {OpKind::kSeccomp, seccomp},
    {OpKind::kFinalCapabilities, final_capabilities},
    {OpKind::kExec, exec},
};

consteval bool in_order_of_kind() {
  for (std::size_t i = 0; i < sizeof kHandlers / sizeof kHandlers[0]; ++i) {
    if (static_cast<std::size_t>(kHandlers[i].kind) != i) return false;
  }
  return sizeof kHandlers / sizeof kHandlers[0] == static_cast<std::size_t>(OpKind::kCount);
}
static_assert(in_order_of_kind());

constexpr int kSetupFailed = 125;

// What a caller may have left us that the container's program must not inherit.
Outcome<void> reset_inherited(const InitPlan& plan) {
  // Before any namespace is entered: nobody inside may look at this process (CVE-2016-9962).
  if (plan.open_to_parent == 0) static_cast<void>(NACRE_TRY(sys::prctl(PR_SET_DUMPABLE, 0)));
  for (int number = 1; number <= 64; ++number) {
    if (number == SIGKILL || number == SIGSTOP) continue;
    NACRE_TRY(sys::reset_signal(number));
  }
  NACRE_TRY(sys::set_signal_mask(0));
  // What is made carries exactly the mode it was given: a chmod afterwards would have to follow a
  // name again.
  sys::umask(0);
  // Descriptors of the host end at exec even if somebody forgot the flag (CVE-2024-21626).
  NACRE_TRY(
      sys::close_range(3U + static_cast<unsigned>(plan.preserve_fds), ~0U, CLOSE_RANGE_CLOEXEC));
  return {};
}

[[noreturn]] void run(Init& init) {
  const Op* ops = init.items<Op>(init.plan->ops);
  Outcome<void> done = reset_inherited(*init.plan);
  std::uint32_t index = 0;
  for (; done && index < init.plan->ops.count; ++index) {
    done = kHandlers[static_cast<std::size_t>(ops[index].kind)].handler(init, ops[index]);
    if (!done) break;
  }
  const std::uint32_t failed = index < init.plan->ops.count ? index : init.plan->ops.count - 1;
  static_cast<void>(send_report(init, ReportKind::kFailed, ops[failed].stage, failed,
                                done ? ENOEXEC : done.error().value));
  sys::exit_now(kSetupFailed);
}

int parse_fd(const char* digits) {
  int value = 0;
  for (; *digits >= '0' && *digits <= '9'; ++digits) value = value * 10 + (*digits - '0');
  return value;
}

}  // namespace

// argv[1]: the number of the descriptor that holds the plan.
extern "C" [[noreturn]] void nacre_init_main(long argc, char** argv) {
  if (argc != 2) sys::exit_now(kSetupFailed);
  const UniqueFd file(parse_fd(argv[1]));
  const auto info = sys::fstatx(file, STATX_SIZE);
  if (!info) sys::exit_now(kSetupFailed);
  const auto block = sys::map_readonly(file, info->stx_size);
  if (!block) sys::exit_now(kSetupFailed);
  Init init;
  init.plan = static_cast<const InitPlan*>(*block);
  if (init.plan->magic != kPlanMagic || init.plan->size != info->stx_size ||
      init.plan->ops.count == 0) {
    sys::exit_now(kSetupFailed);
  }
  init.report.reset(init.plan->report_fd);
  run(init);
}

}  // namespace nacre::init
