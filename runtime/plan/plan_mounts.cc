#include <fcntl.h>
#include <linux/mount.h>

#include <algorithm>
#include <array>

#include "base/text.h"
#include "runtime/plan/builder.h"
#include "runtime/plan/mount_options.h"
#include "runtime/plan/paths.h"

namespace nacre::plan {
namespace {

// One mount being planned.
struct Request {
  const oci::Mount& mount;
  MountOptions options;
  std::string target;  // absolute, without "..", "." or doubled slashes
  std::string what;
};

// Files of /proc that tools such as lxcfs put their own over; anything else there would let an
// image feed the runtime and the programs inside a false /proc.
constexpr std::array<std::string_view, 11> kAllowedInProc = {"/proc/cpuinfo",
                                                             "/proc/meminfo",
                                                             "/proc/stat",
                                                             "/proc/diskstats",
                                                             "/proc/swaps",
                                                             "/proc/uptime",
                                                             "/proc/loadavg",
                                                             "/proc/slabinfo",
                                                             "/proc/net/dev",
                                                             "/proc/sys/kernel/ns_last_pid",
                                                             "/proc/sys/crypto/fips_enabled"};

Result<void> check_target(const Request& request) {
  if (request.target == "/") {
    return fail(invalid_argument(
        text::join(request.what, ": the root directory itself cannot be a mount destination")));
  }
  if (request.target == "/proc") {
    const bool is_proc = request.mount.type == "proc" ||
                         (request.options.bind && clean_path(request.mount.source) == "/proc");
    if (is_proc) return {};
    return fail(invalid_argument(
        text::join(request.what, ": \"/proc\" cannot be mounted over by anything but proc")));
  }
  if (request.target.starts_with("/proc/") &&
      std::ranges::find(kAllowedInProc, request.target) == kAllowedInProc.end()) {
    return fail(invalid_argument(text::join(request.what, ": ", text::quote(request.target),
                                            " cannot be mounted because it is inside /proc")));
  }
  return {};
}

Result<Request> read_request(const oci::Mount& mount) {
  Request request{.mount = mount,
                  .options = {},
                  .target = clean_path(text::join('/', mount.destination)),
                  .what = text::join("error mounting ",
                                     text::quote(mount.source.empty() ? mount.type : mount.source),
                                     " to rootfs at ", text::quote(mount.destination))};
  request.options = NACRE_TRY_CTX(parse_mount_options(mount.options), request.what);
  if (mount.type == "bind") request.options.bind = true;
  if (!mount.uid_mappings.empty() && !request.options.recursive_idmap) request.options.idmap = true;
  NACRE_TRY(check_target(request));
  return request;
}

// ---- what the mount is a mount of

std::string source_path(const Builder& b, const oci::Mount& mount) {
  if (mount.source.starts_with('/')) return mount.source;
  return text::join(b.options.bundle, '/', mount.source);
}

// Propagation of bind mounts starts where rootfsPropagation leaves the host's tree, then follows
// their own options.
Result<void> plan_propagation(Builder& b, const oci::Spec& spec, const Request& request) {
  std::vector<std::uint64_t> steps;
  const std::uint64_t root = NACRE_TRY(parse_propagation(spec.linux_.rootfs_propagation));
  if (request.options.bind && root != MS_SHARED) {
    steps.push_back((root == MS_PRIVATE || root == MS_UNBINDABLE ? MS_PRIVATE : MS_SLAVE) | MS_REC);
  }
  steps.insert(steps.end(), request.options.propagation.begin(), request.options.propagation.end());
  for (const std::uint64_t step : steps) {
    PlannedOp& op = b.add(OpKind::kSetAttr, Stage::kMounts, request.what);
    op.mode = static_cast<std::uint32_t>(step & ~std::uint64_t{MS_REC});
    op.extra = (step & MS_REC) != 0 ? AT_RECURSIVE : 0;
  }
  return {};
}

void plan_bind_source(Builder& b, const oci::Spec& spec, const Request& request) {
  const std::string path = source_path(b, request.mount);
  const bool idmapped = request.options.idmap || request.options.recursive_idmap;
  Slot slot;
  if (idmapped) {
    // Without maps of its own the mount takes those of the container (runtime-spec config.md,
    // "idmap").
    const bool own = !request.mount.uid_mappings.empty();
    slot = b.open({.kind = Opening::Kind::kTree,
                   .path = path,
                   .recursive = request.options.recursive_bind,
                   .idmap = IdMaps{own ? request.mount.uid_mappings : spec.linux_.uid_mappings,
                                   own ? request.mount.gid_mappings : spec.linux_.gid_mappings},
                   .idmap_recursive = request.options.recursive_idmap,
                   .what = request.what});
  } else {
    slot = b.host_tree(path, request.options.recursive_bind, Stage::kMounts, request.what);
  }
  b.add(OpKind::kTakeMount, Stage::kMounts, request.what).slot = slot;
}

bool has_data_key(const std::vector<std::string>& data, std::string_view key) {
  return std::ranges::any_of(data, [key](const std::string& word) {
    return word.starts_with(key) && word.size() > key.size() && word[key.size()] == '=';
  });
}

bool is_virtual(std::string_view type) {
  constexpr std::array<std::string_view, 7> kVirtual = {"proc",   "sysfs",   "tmpfs",  "devpts",
                                                        "mqueue", "cgroup2", "overlay"};
  return std::ranges::find(kVirtual, type) != kVirtual.end();
}

// The words for fsconfig: key and value, or a key alone.
std::vector<std::string> file_system_words(const Request& request, std::string_view type) {
  std::vector<std::string> words;
  const auto add = [&words](std::string_view key, std::string_view value) {
    words.emplace_back(key);
    words.emplace_back(value);
  };
  if (!request.mount.source.empty()) add("source", request.mount.source);
  if (request.options.readonly_superblock && !is_virtual(type)) add("ro", "");
  for (const std::string& word : request.options.data) {
    // One option string may carry several words; a comma inside a value is not supported by
    // mount(2) either.
    for (const std::string_view part : text::split(word, ',')) {
      if (part.empty()) continue;
      const std::size_t equals = part.find('=');
      if (equals == std::string_view::npos) {
        add(part, "");
      } else {
        add(part.substr(0, equals), part.substr(equals + 1));
      }
    }
  }
  return words;
}

void plan_new_fs(Builder& b, const Request& request, std::string_view type) {
  PlannedOp& op = b.add(OpKind::kNewFs, Stage::kMounts, request.what);
  op.text = type;
  op.list = file_system_words(request, type);
  op.value = request.options.set & ~std::uint64_t{MOUNT_ATTR_RDONLY};
  if (type == "tmpfs" && !has_data_key(request.options.data, "mode")) op.text2 = request.target;
  if (request.options.tmpcopyup) {
    b.add(OpKind::kCopyUp, Stage::kMounts, request.what).text = request.target;
  }
}

// Without a cgroup namespace a new cgroup2 mount would be the host's own, and making it changes the
// options of the host's (nsdelegate): the host's mount is shown instead, and in a user namespace
// read-only (CVE-2023-25809).
Result<void> plan_cgroup_source(Builder& b, const oci::Spec& spec, Request& request) {
  if (spec.find_namespace(oci::NamespaceType::kCgroup) != nullptr) {
    plan_new_fs(b, request, "cgroup2");
    return {};
  }
  if (b.host.cgroup_mount.empty()) {
    return fail(
        failed_precondition(text::join(request.what, ": cgroup v2 is not mounted on this host")));
  }
  request.options.bind = true;
  if (b.plan.user_namespace) request.options.set |= MOUNT_ATTR_RDONLY;
  const Slot slot = b.host_tree(b.host.cgroup_mount, true, Stage::kMounts, request.what);
  b.add(OpKind::kTakeMount, Stage::kMounts, request.what).slot = slot;
  return {};
}

// ---- what is done to it and where it goes

void plan_attributes(Builder& b, const Request& request, bool fresh) {
  const MountOptions& o = request.options;
  // A new file system got its attributes when it was made, but for read-only, which would have
  // stopped tmpcopyup.
  const std::uint64_t set = fresh ? o.set & MOUNT_ATTR_RDONLY : o.set;
  const std::uint64_t clear = fresh ? 0 : o.clear;
  if (set != 0 || clear != 0) {
    PlannedOp& op = b.add(OpKind::kSetAttr, Stage::kMounts, request.what);
    op.value = set;
    op.value2 = clear;
  }
  if (o.recursive_set != 0 || o.recursive_clear != 0) {
    PlannedOp& op = b.add(OpKind::kSetAttr, Stage::kMounts, request.what);
    op.value = o.recursive_set;
    op.value2 = o.recursive_clear;
    op.extra = AT_RECURSIVE;
  }
}

void plan_attach(Builder& b, const Request& request) {
  PlannedOp& op = b.add(OpKind::kAttach, Stage::kMounts, request.what);
  op.text = request.target;
  op.mode = 0755;
  const bool kernel_tree = request.mount.type == "proc" || request.mount.type == "sysfs";
  if (kernel_tree && !request.options.bind) op.value = init::kTargetMustBeDirectory;
  const bool proc = request.target == "/proc";
  if (proc || request.target.starts_with("/proc/")) op.value |= init::kTargetInProc;
  if (proc) op.value |= init::kKeepAsProc;
  if (request.target == "/sys") op.value |= init::kKeepAsSys;
}

Result<void> plan_mount(Builder& b, const oci::Spec& spec, const oci::Mount& mount) {
  Request request = NACRE_TRY(read_request(mount));
  if (request.options.bind) {
    plan_bind_source(b, spec, request);
  } else if (mount.type == "cgroup" || mount.type == "cgroup2") {
    NACRE_TRY(plan_cgroup_source(b, spec, request));
  } else {
    plan_new_fs(b, request, mount.type);
  }
  NACRE_TRY(plan_propagation(b, spec, request));
  plan_attributes(b, request, !request.options.bind);
  plan_attach(b, request);
  return {};
}

}  // namespace

Result<void> plan_mounts(Builder& b, const oci::Spec& spec) {
  for (const oci::Mount& mount : spec.mounts) NACRE_TRY(plan_mount(b, spec, mount));
  if (!b.options.notify_directory.empty()) {
    const oci::Mount notify{.destination = "/run/notify",
                            .type = "bind",
                            .source = b.options.notify_directory,
                            .options = {"bind", "ro", "nosuid", "nodev", "noexec"},
                            .uid_mappings = {},
                            .gid_mappings = {}};
    NACRE_TRY(plan_mount(b, spec, notify));
  }
  return {};
}

namespace {

bool keeps(const Builder& b, init::AttachFlags flag) {
  return std::ranges::any_of(b.plan.ops, [flag](const PlannedOp& op) {
    return op.kind == OpKind::kAttach && (op.value & flag) != 0;
  });
}

// What lies below /proc or /sys is looked up in the very mount that was put there: whoever can
// write to the root directory could have moved the name away from it.
void set_path(const Builder& b, PlannedOp& op, const std::string& path) {
  const std::string clean = clean_path(path);
  const auto below = [&](std::string_view top, init::AttachFlags flag, init::Base base) {
    if (!clean.starts_with(top) || clean.size() == top.size() || !keeps(b, flag)) return false;
    op.extra = static_cast<std::uint32_t>(base);
    op.text = clean.substr(top.size());
    return true;
  };
  if (below("/proc/", init::kKeepAsProc, init::Base::kProc)) return;
  if (below("/sys/", init::kKeepAsSys, init::Base::kSys)) return;
  op.text = path;
}

}  // namespace

void plan_hidden_paths(Builder& b, const oci::Spec& spec) {
  for (const std::string& path : spec.linux_.readonly_paths) {
    set_path(b,
             b.add(OpKind::kReadonly, Stage::kSecurity,
                   text::join("make ", text::quote(path), " read-only")),
             path);
  }
  if (spec.linux_.masked_paths.empty()) return;
  const std::string what = "prepare masked paths";
  // Read-only: chmod, chown and utimes go to the inode, and that is the host's. What is written to
  // a device does not ask whether its mount may be written to.
  b.add(OpKind::kTakeMount, Stage::kSecurity, what).slot =
      b.host_tree("/dev/null", false, Stage::kSecurity, what);
  b.add(OpKind::kSetAttr, Stage::kSecurity, what).value =
      MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC;
  const Slot null_device = b.child_made();
  b.add(OpKind::kKeepMount, Stage::kSecurity, what).slot = null_device;
  PlannedOp& empty = b.add(OpKind::kNewFs, Stage::kSecurity, what);
  empty.text = "tmpfs";
  empty.list = {"size", "0", "nr_inodes", "1", "mode", "0755"};
  empty.value = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC;
  const Slot empty_directory = b.child_made();
  b.add(OpKind::kKeepMount, Stage::kSecurity, what).slot = empty_directory;
  for (const std::string& path : spec.linux_.masked_paths) {
    PlannedOp& op = b.add(OpKind::kMask, Stage::kSecurity, text::join("mask ", text::quote(path)));
    set_path(b, op, path);
    op.slot = null_device;
    op.slot2 = empty_directory;
  }
}

}  // namespace nacre::plan
