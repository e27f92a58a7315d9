#include "oci-spec/defaults/default_spec.h"

#include <string_view>

#include "oci-spec/runtime/features.h"

namespace nacre::oci {
namespace {

using Words = std::vector<std::string>;

Mount mount(std::string destination, std::string type, std::string source, Words options) {
  Mount result;
  result.destination = std::move(destination);
  result.type = std::move(type);
  result.source = std::move(source);
  result.options = std::move(options);
  return result;
}

std::vector<Mount> default_mounts() {
  return {
      mount("/proc", "proc", "proc", {}),
      mount("/dev", "tmpfs", "tmpfs", {"nosuid", "strictatime", "mode=755", "size=65536k"}),
      mount("/dev/pts", "devpts", "devpts",
            {"nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620", "gid=5"}),
      mount("/dev/shm", "tmpfs", "shm", {"nosuid", "noexec", "nodev", "mode=1777", "size=65536k"}),
      mount("/dev/mqueue", "mqueue", "mqueue", {"nosuid", "noexec", "nodev"}),
      mount("/sys", "sysfs", "sysfs", {"nosuid", "noexec", "nodev", "ro"}),
      mount("/sys/fs/cgroup", "cgroup", "cgroup", {"nosuid", "noexec", "nodev", "relatime", "ro"}),
  };
}

Capabilities default_capabilities() {
  const Words granted = {"CAP_AUDIT_WRITE", "CAP_KILL", "CAP_NET_BIND_SERVICE"};
  Capabilities sets;
  sets.bounding = granted;
  sets.effective = granted;
  sets.permitted = granted;
  return sets;
}

Process default_process() {
  Process process;
  process.terminal = true;
  process.args = {"sh"};
  process.env = {"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "TERM=xterm"};
  process.cwd = "/";
  process.capabilities = default_capabilities();
  process.rlimits = {{.type = "RLIMIT_NOFILE", .soft = 1024, .hard = 1024}};
  process.no_new_privileges = true;
  return process;
}

Resources no_devices() {
  DeviceRule rule;
  rule.allow = false;
  rule.access = "rwm";
  Resources resources;
  resources.devices = {rule};
  return resources;
}

Linux default_linux() {
  Linux config;
  config.resources = no_devices();
  config.namespaces = {{NamespaceType::kPid, ""},   {NamespaceType::kNetwork, ""},
                       {NamespaceType::kIpc, ""},   {NamespaceType::kUts, ""},
                       {NamespaceType::kMount, ""}, {NamespaceType::kCgroup, ""}};
  config.masked_paths = {"/proc/acpi",        "/proc/asound",        "/proc/kcore",
                         "/proc/keys",        "/proc/latency_stats", "/proc/timer_list",
                         "/proc/timer_stats", "/proc/sched_debug",   "/sys/firmware",
                         "/proc/scsi"};
  config.readonly_paths = {"/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys",
                           "/proc/sysrq-trigger"};
  return config;
}

bool names_an_id(std::string_view option) {
  return option.starts_with("uid=") || option.starts_with("gid=");
}

void make_rootless(Mount& mount) {
  if (mount.destination == "/sys") {
    mount.type = "none";
    mount.source = "/sys";
    mount.options = {"rbind", "nosuid", "noexec", "nodev", "ro"};
  }
  std::erase_if(mount.options, names_an_id);
}

}  // namespace

Spec default_spec() {
  Spec spec;
  spec.oci_version = kOciVersionMax;
  spec.root = {.path = "rootfs", .readonly = true};
  spec.process = default_process();
  spec.hostname = "nacre";
  spec.mounts = default_mounts();
  spec.linux_ = default_linux();
  return spec;
}

Spec default_rootless_spec(std::uint32_t host_uid, std::uint32_t host_gid) {
  Spec spec = default_spec();
  Linux& config = spec.linux_;
  std::erase_if(config.namespaces,
                [](const Namespace& ns) { return ns.type == NamespaceType::kNetwork; });
  config.namespaces.push_back({NamespaceType::kUser, ""});
  config.uid_mappings = {{.container_id = 0, .host_id = host_uid, .size = 1}};
  config.gid_mappings = {{.container_id = 0, .host_id = host_gid, .size = 1}};
  config.resources.reset();
  for (Mount& mount : spec.mounts) make_rootless(mount);
  return spec;
}

}  // namespace nacre::oci
