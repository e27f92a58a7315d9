// config.json of the OCI runtime-spec 1.3 (Linux), as plain values.
//
// Ownership: everything is owned by the Spec; values are copied freely. Thread safety: as for any
// plain struct. "Not given" is an empty string or vector unless zero or empty means something of
// its own: then std::optional. Field names follow the JSON keys in snake_case. Numbers keep the
// units of the spec, given at each field.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace nacre::oci {

using Annotations = std::map<std::string, std::string>;

struct Root {
  std::string path;  // relative to the bundle, or absolute
  bool readonly = false;
  bool operator==(const Root&) const = default;
};

// containerID/hostID/size; all three in uint32 range, containerID + size may not pass 2^32.
struct IdMapping {
  std::uint32_t container_id = 0;
  std::uint32_t host_id = 0;
  std::uint32_t size = 0;
  bool operator==(const IdMapping&) const = default;
};

struct Mount {
  std::string destination;  // absolute inside the container; a relative one is taken below "/"
                            // (spec: config.md, mounts)
  std::string type;
  std::string source;
  std::vector<std::string> options;  // verbatim; their meaning is decided in runtime/plan
  std::vector<IdMapping> uid_mappings;
  std::vector<IdMapping> gid_mappings;
  bool operator==(const Mount&) const = default;
};

struct ConsoleSize {
  std::uint16_t height = 0;
  std::uint16_t width = 0;
  bool operator==(const ConsoleSize&) const = default;
};

struct User {
  std::uint32_t uid = 0;
  std::uint32_t gid = 0;
  std::optional<std::uint32_t> umask;
  std::vector<std::uint32_t> additional_gids;
  bool operator==(const User&) const = default;
};

// Names with the CAP_ prefix, as given; unknown ones are kept here and reported by the planner.
struct Capabilities {
  std::vector<std::string> bounding;
  std::vector<std::string> effective;
  std::vector<std::string> inheritable;
  std::vector<std::string> permitted;
  std::vector<std::string> ambient;
  bool operator==(const Capabilities&) const = default;
};

struct Rlimit {
  std::string type;  // "RLIMIT_NOFILE"; validate() knows the names
  std::uint64_t soft = 0;
  std::uint64_t hard = 0;
  bool operator==(const Rlimit&) const = default;
};

struct Scheduler {
  std::string policy;  // "SCHED_OTHER" ... "SCHED_DEADLINE"
  std::int32_t nice = 0;
  std::int32_t priority = 0;
  std::vector<std::string> flags;  // "SCHED_FLAG_RESET_ON_FORK" ...
  std::uint64_t runtime = 0;       // nanoseconds, SCHED_DEADLINE only, like the next two
  std::uint64_t deadline = 0;
  std::uint64_t period = 0;
  bool operator==(const Scheduler&) const = default;
};

struct IoPriority {
  std::string io_class;  // "IOPRIO_CLASS_RT" | "IOPRIO_CLASS_BE" | "IOPRIO_CLASS_IDLE"
  std::int32_t priority = 0;
  bool operator==(const IoPriority&) const = default;
};

struct CpuAffinity {
  std::string initial;  // cpu lists: "0-3,7"
  std::string final;
  bool operator==(const CpuAffinity&) const = default;
};

struct Process {
  bool terminal = false;
  std::optional<ConsoleSize> console_size;
  User user;
  std::vector<std::string> args;
  std::vector<std::string> env;
  std::string cwd;
  std::optional<Capabilities> capabilities;  // absent: no capabilities at all (as runc)
  std::vector<Rlimit> rlimits;
  bool no_new_privileges = false;
  std::string apparmor_profile;
  std::optional<std::int32_t> oom_score_adj;
  std::optional<Scheduler> scheduler;
  std::string selinux_label;
  std::optional<IoPriority> io_priority;
  std::optional<CpuAffinity> exec_cpu_affinity;
  bool operator==(const Process&) const = default;
};

struct Hook {
  std::string path;  // absolute
  std::vector<std::string> args;
  std::vector<std::string> env;
  std::optional<std::int32_t> timeout;  // seconds, > 0
  bool operator==(const Hook&) const = default;
};

struct Hooks {
  std::vector<Hook> prestart;  // deprecated by the spec, still sent by Docker and CNI tools
  std::vector<Hook> create_runtime;
  std::vector<Hook> create_container;
  std::vector<Hook> start_container;
  std::vector<Hook> poststart;
  std::vector<Hook> poststop;
  bool operator==(const Hooks&) const = default;
};

enum class NamespaceType : std::uint8_t {
  kPid,
  kNetwork,
  kMount,
  kIpc,
  kUts,
  kUser,
  kCgroup,
  kTime
};

struct Namespace {
  NamespaceType type = NamespaceType::kPid;
  std::string path;  // empty: a new one
  bool operator==(const Namespace&) const = default;
};

struct TimeOffset {
  std::int64_t secs = 0;
  std::uint32_t nanosecs = 0;
  bool operator==(const TimeOffset&) const = default;
};

struct Device {
  std::string type;  // "c" "b" "u" "p"
  std::string path;
  std::int64_t major = 0;
  std::int64_t minor = 0;
  std::optional<std::uint32_t> file_mode;  // permission bits; absent: 0666
  std::optional<std::uint32_t> uid;
  std::optional<std::uint32_t> gid;
  bool operator==(const Device&) const = default;
};

// Moves a host network device into the container (spec 1.3). Key: its name on the host.
struct NetDevice {
  std::string name;  // new name; empty: unchanged
  bool operator==(const NetDevice&) const = default;
};

struct DeviceRule {
  bool allow = false;
  std::string type;                   // "a" "c" "b"; empty: "a"
  std::optional<std::int64_t> major;  // absent or -1: any
  std::optional<std::int64_t> minor;
  std::string access;  // of "rwm"; empty: all
  bool operator==(const DeviceRule&) const = default;
};

struct MemoryResources {
  std::optional<std::int64_t> limit;        // bytes; -1: no limit (also the next two)
  std::optional<std::int64_t> reservation;  // bytes
  std::optional<std::int64_t> swap;         // bytes of memory + swap (cgroup v1 meaning)
  std::optional<std::int64_t> kernel;
  std::optional<std::int64_t> kernel_tcp;
  std::optional<std::uint64_t> swappiness;
  bool disable_oom_killer = false;
  std::optional<bool> use_hierarchy;
  bool check_before_update = false;
  bool operator==(const MemoryResources&) const = default;
};

struct CpuResources {
  std::optional<std::uint64_t> shares;
  std::optional<std::int64_t> quota;    // microseconds per period; <= 0: no limit
  std::optional<std::uint64_t> burst;   // microseconds
  std::optional<std::uint64_t> period;  // microseconds
  std::optional<std::int64_t> realtime_runtime;
  std::optional<std::uint64_t> realtime_period;
  std::string cpus;
  std::string mems;
  std::optional<std::int64_t> idle;
  bool operator==(const CpuResources&) const = default;
};

struct WeightDevice {
  std::int64_t major = 0;
  std::int64_t minor = 0;
  std::optional<std::uint16_t> weight;
  std::optional<std::uint16_t> leaf_weight;
  bool operator==(const WeightDevice&) const = default;
};

struct ThrottleDevice {
  std::int64_t major = 0;
  std::int64_t minor = 0;
  std::uint64_t rate = 0;  // bytes or operations per second
  bool operator==(const ThrottleDevice&) const = default;
};

struct BlockIoResources {
  std::optional<std::uint16_t> weight;  // 10..1000, cgroup v1 scale
  std::optional<std::uint16_t> leaf_weight;
  std::vector<WeightDevice> weight_device;
  std::vector<ThrottleDevice> throttle_read_bps_device;
  std::vector<ThrottleDevice> throttle_write_bps_device;
  std::vector<ThrottleDevice> throttle_read_iops_device;
  std::vector<ThrottleDevice> throttle_write_iops_device;
  bool operator==(const BlockIoResources&) const = default;
};

struct HugepageLimit {
  std::string page_size;    // "2MB", "1GB"
  std::uint64_t limit = 0;  // bytes
  bool operator==(const HugepageLimit&) const = default;
};

struct RdmaLimit {
  std::optional<std::uint32_t> hca_handles;
  std::optional<std::uint32_t> hca_objects;
  bool operator==(const RdmaLimit&) const = default;
};

struct InterfacePriority {
  std::string name;
  std::uint32_t priority = 0;
  bool operator==(const InterfacePriority&) const = default;
};

struct NetworkResources {  // cgroup v1 only
  std::optional<std::uint32_t> class_id;
  std::vector<InterfacePriority> priorities;
  bool operator==(const NetworkResources&) const = default;
};

struct Resources {
  std::vector<DeviceRule> devices;
  std::optional<MemoryResources> memory;
  std::optional<CpuResources> cpu;
  std::optional<std::int64_t> pids_limit;  // <= 0 or -1: no limit
  std::optional<BlockIoResources> block_io;
  std::vector<HugepageLimit> hugepage_limits;
  std::optional<NetworkResources> network;
  std::map<std::string, RdmaLimit> rdma;       // key: device
  std::map<std::string, std::string> unified;  // key: cgroup v2 file, value written verbatim
  bool operator==(const Resources&) const = default;
};

struct SeccompArg {
  std::uint32_t index = 0;  // 0..5
  std::uint64_t value = 0;
  std::uint64_t value_two = 0;  // SCMP_CMP_MASKED_EQ: (arg & value) == value_two
  std::string op;               // "SCMP_CMP_EQ" ...
  bool operator==(const SeccompArg&) const = default;
};

struct SeccompSyscall {
  std::vector<std::string> names;
  std::string action;  // "SCMP_ACT_ALLOW" ...
  std::optional<std::uint32_t> errno_ret;
  std::vector<SeccompArg> args;
  bool operator==(const SeccompSyscall&) const = default;
};

struct Seccomp {
  std::string default_action;
  std::optional<std::uint32_t> default_errno_ret;
  std::vector<std::string> architectures;  // "SCMP_ARCH_X86_64" ...
  std::vector<std::string> flags;          // "SECCOMP_FILTER_FLAG_LOG" ...
  bool flags_given = false;  // even as an empty list; not given: the runtime chooses the flags
  std::string listener_path;
  std::string listener_metadata;
  std::vector<SeccompSyscall> syscalls;
  bool operator==(const Seccomp&) const = default;
};

struct IntelRdt {
  std::string clos_id;
  std::vector<std::string> schemata;
  std::string l3_cache_schema;
  std::string mem_bw_schema;
  bool enable_monitoring = false;
  bool operator==(const IntelRdt&) const = default;
};

struct MemoryPolicy {
  std::string mode;
  std::string nodes;
  std::vector<std::string> flags;
  bool operator==(const MemoryPolicy&) const = default;
};

struct Personality {
  std::string domain;  // "LINUX" | "LINUX32"
  std::vector<std::string> flags;
  bool operator==(const Personality&) const = default;
};

struct Linux {
  std::vector<IdMapping> uid_mappings;
  std::vector<IdMapping> gid_mappings;
  std::map<std::string, std::string> sysctl;
  std::optional<Resources> resources;
  std::string cgroups_path;
  std::vector<Namespace> namespaces;
  std::vector<Device> devices;
  std::map<std::string, NetDevice> net_devices;
  std::optional<Seccomp> seccomp;
  std::string
      rootfs_propagation;  // "private" "shared" "slave" "unbindable", r-forms too; empty: rslave
  std::vector<std::string> masked_paths;
  std::vector<std::string> readonly_paths;
  std::string mount_label;
  std::optional<IntelRdt> intel_rdt;
  std::optional<MemoryPolicy> memory_policy;
  std::optional<Personality> personality;
  std::map<std::string, TimeOffset> time_offsets;  // keys "monotonic", "boottime"
  bool operator==(const Linux&) const = default;
};

struct Spec {
  std::string oci_version;
  Root root;
  std::optional<Process> process;
  std::string hostname;
  std::string domainname;
  std::vector<Mount> mounts;
  Hooks hooks;
  Annotations annotations;
  Linux linux_;  // "linux" is a predefined macro of g++ in gnu mode

  // The namespace of that type, or null when the container shares the runtime's.
  [[nodiscard]] const Namespace* find_namespace(NamespaceType type) const;
  bool operator==(const Spec&) const = default;
};

}  // namespace nacre::oci
