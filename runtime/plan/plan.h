// What a launch will do, decided completely and without asking the kernel: data that tests compare
// and --plan-only prints.
//
// A Plan names what the parent opens (Opening), how it clones, and the operations of init in order.
// Files that do not exist yet are referred to by Slot; runtime/setup opens them and replaces slots
// by descriptor numbers when it flattens the plan into an init::InitPlan.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "oci-spec/runtime/spec.h"
#include "runtime/init/init_plan.h"

namespace nacre::plan {

// A descriptor that init will have: the index of an Opening, or one of the fixed ones.
struct Slot {
  enum class Kind : std::uint8_t {
    kNone,
    kOpening,         // plan.openings[index]
    kChildMade,       // a number that kOpenTree in init fills; the parent only reserves it
    kProcfs,          // the private procfs
    kStartSocket,     // listening socket of the state directory
    kConsoleSocket,   // takes the pty master
    kSeccompSocket,   // takes the listener
    kSeccompMessage,  // file with what goes along with the listener
    kStartHookState,  // the same for startContainer hooks
    kHookState,       // file with the state for hooks that init runs
    kHookOutput,      // file that takes what those hooks print
    kContainer,       // exec: pidfd of the container's first process
  };
  Kind kind = Kind::kNone;
  std::uint32_t index = 0;
  bool operator==(const Slot&) const = default;
};

struct IdMaps {
  std::vector<oci::IdMapping> uid;
  std::vector<oci::IdMapping> gid;
};

// How the parent obtains one descriptor before the clone.
struct Opening {
  enum class Kind : std::uint8_t {
    kDirectory,  // O_PATH directory
    kTree,       // open_tree(OPEN_TREE_CLONE): a detached copy of a host path
    kNamespace,  // nsfs file, checked to be of the type given by `clone_flag`
  };
  Kind kind = Kind::kTree;
  std::string path;
  bool recursive = false;        // kTree
  std::uint64_t clone_flag = 0;  // kNamespace
  bool must_not_be_ours =
      false;  // kNamespace: the runtime's own is refused (sysctls are set in it)
  // kTree: present for an idmapped mount, which only the parent may make (mount_setattr asks for
  // CAP_SYS_ADMIN in the file system's own user namespace).
  std::optional<IdMaps> idmap;
  bool idmap_recursive = false;
  std::string what;  // for the sentence: `bind mount source "/x"`
};

// One operation of init with names instead of offsets. Field meanings: init::OpKind.
struct PlannedOp {
  init::OpKind kind{};
  init::Stage stage{};
  Slot slot;
  Slot slot2;  // kMask: empty directory; kHook: output file
  std::uint32_t mode = 0;
  std::uint32_t extra = 0;
  std::uint64_t value = 0;
  std::uint64_t value2 = 0;
  std::string text;  // or raw bytes (kScheduler, kSeccomp, kAffinity, kMemoryPolicy)
  std::string text2;
  std::vector<std::string> list;
  std::vector<std::string> list2;
  std::vector<std::uint32_t> ids;    // kIdentity
  std::vector<std::uint64_t> words;  // kCapabilities
  std::string what;                  // the front of the sentence if it fails
};

struct RlimitSetting {
  int resource = 0;
  std::uint64_t soft = 0;
  std::uint64_t hard = 0;
  std::string name;
};

struct Plan {
  std::string root_path;  // absolute
  bool has_root = false;  // false for exec
  std::vector<Opening> openings;
  std::uint32_t child_made = 0;  // how many kChildMade slots

  std::uint64_t clone_flags = 0;  // CLONE_NEW* of the first process
  bool two_steps =
      false;  // the first process only joins, then forks the one that becomes the container
  bool user_namespace = false;  // new or joined
  // An undumpable process's files in /proc belong to root: a parent without privilege could not
  // write its id maps. Nobody else can be in the new namespace yet.
  bool open_to_parent = false;
  bool exec_without_maps =
      false;  // the image is executed before id maps exist: capabilities must survive that
  std::optional<IdMaps> id_maps;  // present: the first kRendezvous waits for them
  std::vector<RlimitSetting>
      parent_rlimits;  // by prlimit from outside, where init will not have the right
  bool needs_procfs = false;
  bool waits_for_record = false;  // one byte to init as soon as the process is recorded

  bool parent_hooks = false;  // prestart or createRuntime hooks at the kRendezvous of stage kHooks
  bool init_hooks =
      false;  // createContainer or startContainer hooks: they need state and output files
  bool needs_console = false;
  bool needs_seccomp_listener = false;
  std::uint32_t seccomp_flags = 0;
  std::string seccomp_filter;  // bytes of sock_filter; kept for exec

  int preserve_fds = 0;
  std::vector<PlannedOp> ops;
};

}  // namespace nacre::plan
