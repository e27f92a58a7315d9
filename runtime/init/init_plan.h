// The program that the init image runs: one contiguous, position-independent block in a sealed
// memfd.
//
// The parent decides everything and writes it down as a list of operations in the order in which
// they must happen; init interprets them one by one, stops at the first that fails and reports its
// index. It decides nothing.
//
//   parent                                      init (docs/init-protocol.md has the whole picture)
//     clone3, exec of the init image   ───────►  operation 0, 1, 2 ...
//                                      ◄───────  kPid      a second process continues (a user or
//                                      pid namespace was joined) ◄───────  kReady    at
//                                      kRendezvous: needs id maps, hooks ...
//     one byte                         ───────►  goes on
//                                      ◄───────  kCreated  at kAwaitStart, then waits for a
//                                      connection to start.sock ◄───────  kFailed   {stage,
//                                      operation, errno} ◄───────  end of file: the container's
//                                      program runs (create: after kCreated)
//
// End of file without kCreated or exec is a failure: the parent tells the two apart by the
// process's state.
#pragma once

#include <cstddef>
#include <cstdint>
#include <type_traits>

namespace nacre::init {

template <class T>
concept ForkSafe = std::is_trivially_copyable_v<T> && std::is_standard_layout_v<T>;

// Where in the launch an operation belongs; the first word of every failure.
enum class Stage : std::uint16_t {
  kPrepare,
  kNamespaces,
  kRootfs,
  kMounts,
  kDevices,
  kConsole,
  kHooks,
  kPivot,
  kSecurity,
  kProcess,
  kStart,
  kExec,
};

// What each operation reads of struct Op. Paths are inside the container unless "host" is said.
enum class OpKind : std::uint16_t {
  // ---- namespaces and identity
  kJoin,        // fd: nsfs file or pidfd; value: CLONE_NEW*
  kUnshare,     // value: CLONE_NEW*
  kFork,        // value: CLONE_NEW* of the second process, which goes on with the next operation
  kBecomeRoot,  // uid and gid 0 of the user namespace; the ambient set is emptied
  kRendezvous,  // kReady to the parent, then wait for its byte; extra: 1 waits without asking
  kNewSession,
  kKeyring,  // text: name of the session keyring
  kLoopbackUp,
  kHostname,    // text
  kDomainname,  // text
  // ---- the root file system. "The mount" is the one under construction
  kPropagation,  // value: MS_*; the whole tree of this mount namespace
  kOpenTree,     // the parent sends a handle on the host path `text`; value: AT_RECURSIVE or 0; fd:
                 // number to give the copy
  kKeepMount,    // fd: number to give the mount, for later operations
  kAttachRoot,  // the mount is the root; text: host path to attach it at; value, value2: device and
                // inode of what must be there
  kUseRoot,     // fd: the root as it stands, without a mount namespace; -1: "/" (exec)
  kNewFs,       // text: type; list: key, value, key, value ... (empty value: a flag); value:
                // MOUNT_ATTR_*; text2: directory whose mode the new root takes
  kTakeMount,   // fd: a detached mount that the parent or kOpenTree made
  kSetAttr,     // value: set; value2: clear; mode: propagation; extra: AT_RECURSIVE or 0
  kCopyUp,      // text: directory whose content goes into the mount (tmpcopyup)
  kAttach,      // text: target; value: AttachFlags; mode: of the target if it must be made
  kMakeDevice,  // text; mode: with type; value: device number; value2: uid << 32 | gid
  kMakeLink,    // text: link; text2: what it points to; extra: 1 replaces what is there
  kMask,        // text, extra: Base; fd: /dev/null as a detached mount; value: fd of an empty
                // directory's mount
  kReadonly,    // text, extra: Base
  kReadonlyRoot,
  kRootPropagation,  // value: MS_*; extra: AT_RECURSIVE or 0
  kPivotRoot,
  kMoveRoot,  // --no-pivot
  kChroot,
  kConsole,  // fd: socket that takes the master; value: rows << 16 | columns; extra: ConsoleFlags;
             // mode: 1 binds the terminal to /dev/console
  kHook,     // text: path; list: argv; list2: envp; value: timeout in ms or 0; fd: file with the
             // state; extra: fd of a file that takes what the hook prints
  // ---- the process
  kWriteProc,   // fd: the private procfs; text: path in it; text2: value
  kForget,      // fd: closed; nothing of the host is open when the container's paths are looked up
  kRlimit,      // mode: resource; value: soft; value2: hard
  kScheduler,   // text: bytes of sched_attr
  kIoPriority,  // value
  kMemoryPolicy,  // value: mode | flags; text: bytes of the node mask; value2: number of bits
  kAffinity,      // text: bytes of the cpu mask; value: how many
  kPersonality,   // value
  kStdio,         // the terminal becomes 0, 1, 2; extra: 1 makes it the controlling one
  kStdioOwner,    // value: uid that gets the files of 0, 1, 2, so that it can reopen /dev/stderr
  kBounding,      // value: capabilities to keep
  kIdentity,      // value: uid << 32 | gid; list: groups (uint32); extra: 1 leaves the groups alone
  kWorkingDirectory,  // text; extra: bit 0 makes it if missing, bit 1 is not yet stopped by EACCES
  kUmask,             // mode
  kCapabilities,    // list: effective, permitted, inheritable, ambient (uint64); value: kept until
                    // kFinalCapabilities
  kFindHome,        // value: uid; HOME for kExec from the container's /etc/passwd
  kFindExecutable,  // text: argv[0]; text2: PATH
  kAwaitStart,      // fd: listening socket
  kNoNewPrivileges,
  kSeccomp,  // text: bytes of sock_filter; value: flags; value2: count; fd: socket that takes the
             // listener, or -1; extra: fd of a file with what to send along
  kFinalCapabilities,
  kExec,  // list: argv; list2: envp; runs the file that kFindExecutable found
  kCount,
};

enum ConsoleFlags : std::uint32_t {
  kConsoleSize = 1,           // value is a size
  kConsoleKeepsNewlines = 2,  // "\n" is not turned into "\r\n"
};

enum AttachFlags : std::uint64_t {
  kTargetNoFollow = 1,         // a symbolic link at the end is refused
  kTargetMustBeDirectory = 2,  // proc and sysfs: a real directory, reached through no symbolic link
  kTargetInProc = 4,           // what is there may be a procfs
  kKeepAsProc = 8,             // later masks below /proc start from this very mount
  kKeepAsSys = 16,             // the same for /sys
};

// Where a path of kMask and kReadonly starts.
enum class Base : std::uint32_t { kRoot, kProc, kSys };

struct StrRef {
  std::uint32_t offset = 0;  // from the start of the plan; 0: none
};
// count elements of 4 bytes (StrRef, uint32) or 8 bytes (uint64) at offset, by operation
struct ListRef {
  std::uint32_t offset = 0;
  std::uint32_t count = 0;
};

struct Op {
  OpKind kind = OpKind::kCount;
  Stage stage = Stage::kPrepare;
  std::int32_t fd = -1;
  std::uint32_t mode = 0;
  std::uint32_t extra = 0;
  StrRef text;
  StrRef text2;
  ListRef list;
  ListRef list2;
  std::uint64_t value = 0;
  std::uint64_t value2 = 0;
};

inline constexpr std::uint32_t kPlanMagic = 0x4e414352;  // "NACR"

struct InitPlan {
  std::uint32_t magic = kPlanMagic;
  std::uint32_t size = 0;  // of the whole block, in bytes
  std::int32_t report_fd = -1;
  std::int32_t preserve_fds = 0;     // descriptors 3 .. 3+n-1 go to the container
  std::uint32_t open_to_parent = 0;  // 1: dumpable until kBecomeRoot, see plan.h
  ListRef ops;                       // of Op
};

// What init says to the parent (and to `start`), always exactly one such record per send.
enum class ReportKind : std::uint16_t { kFailed = 1, kReady, kCreated, kPid };

struct InitReport {
  ReportKind kind = ReportKind::kFailed;
  Stage stage = Stage::kPrepare;
  std::uint32_t op = 0;        // index of the operation; kPid: the process's number
  std::int32_t sys_errno = 0;  // kFailed; kExecutableNotFound is -1, beyond any errno
};
inline constexpr std::int32_t kExecutableNotInPath = -1;
inline constexpr std::int32_t kHookFailedBase = -1000;  // minus the hook's wait status
inline constexpr std::int32_t kHookTimedOut = -3;
inline constexpr std::int32_t kWrongFile =
    -4;  // kExpectFile, kAttachRoot: not what the parent opened
inline constexpr std::int32_t kNotARealDirectory = -5;
inline constexpr std::int32_t kOutsideRoot = -6;  // working directory outside the container's root
inline constexpr std::int32_t kLeadsIntoProc = -7;  // a mount's target, through a link of the image

static_assert(ForkSafe<Op> && ForkSafe<InitPlan> && ForkSafe<InitReport>);
static_assert(sizeof(InitReport) == 12);

}  // namespace nacre::init
