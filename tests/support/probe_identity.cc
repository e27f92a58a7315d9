#include <linux/capability.h>
#include <linux/mempolicy.h>
#include <sched.h>
#include <signal.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <cstring>

#include "tests/support/probe_json.h"
#include "tests/support/probe_verbs.h"

extern char** environ;

namespace nacre::probe {
namespace {

// In the order of the kernel's numbers (linux/capability.h).
constexpr auto kCapNames = std::to_array<std::string_view>({"CAP_CHOWN",
                                                            "CAP_DAC_OVERRIDE",
                                                            "CAP_DAC_READ_SEARCH",
                                                            "CAP_FOWNER",
                                                            "CAP_FSETID",
                                                            "CAP_KILL",
                                                            "CAP_SETGID",
                                                            "CAP_SETUID",
                                                            "CAP_SETPCAP",
                                                            "CAP_LINUX_IMMUTABLE",
                                                            "CAP_NET_BIND_SERVICE",
                                                            "CAP_NET_BROADCAST",
                                                            "CAP_NET_ADMIN",
                                                            "CAP_NET_RAW",
                                                            "CAP_IPC_LOCK",
                                                            "CAP_IPC_OWNER",
                                                            "CAP_SYS_MODULE",
                                                            "CAP_SYS_RAWIO",
                                                            "CAP_SYS_CHROOT",
                                                            "CAP_SYS_PTRACE",
                                                            "CAP_SYS_PACCT",
                                                            "CAP_SYS_ADMIN",
                                                            "CAP_SYS_BOOT",
                                                            "CAP_SYS_NICE",
                                                            "CAP_SYS_RESOURCE",
                                                            "CAP_SYS_TIME",
                                                            "CAP_SYS_TTY_CONFIG",
                                                            "CAP_MKNOD",
                                                            "CAP_LEASE",
                                                            "CAP_AUDIT_WRITE",
                                                            "CAP_AUDIT_CONTROL",
                                                            "CAP_SETFCAP",
                                                            "CAP_MAC_OVERRIDE",
                                                            "CAP_MAC_ADMIN",
                                                            "CAP_SYSLOG",
                                                            "CAP_WAKE_ALARM",
                                                            "CAP_BLOCK_SUSPEND",
                                                            "CAP_AUDIT_READ",
                                                            "CAP_PERFMON",
                                                            "CAP_BPF",
                                                            "CAP_CHECKPOINT_RESTORE"});

template <class Has>
std::vector<std::string> cap_names(Has has) {
  std::vector<std::string> names;
  for (std::size_t cap = 0; cap < kCapNames.size(); ++cap) {
    if (has(cap)) names.emplace_back(kCapNames[cap]);
  }
  return names;
}

std::vector<std::string> cap_names_of(std::uint64_t mask) {
  return cap_names([&](std::size_t cap) { return ((mask >> cap) & 1U) != 0; });
}

std::uint64_t join_words(std::uint32_t low, std::uint32_t high) {
  return (static_cast<std::uint64_t>(high) << 32U) | low;
}

struct LimitName {
  std::string_view name;
  __rlimit_resource_t resource;
};

constexpr auto kLimits = std::to_array<LimitName>({{"RLIMIT_AS", RLIMIT_AS},
                                                   {"RLIMIT_CORE", RLIMIT_CORE},
                                                   {"RLIMIT_CPU", RLIMIT_CPU},
                                                   {"RLIMIT_DATA", RLIMIT_DATA},
                                                   {"RLIMIT_FSIZE", RLIMIT_FSIZE},
                                                   {"RLIMIT_LOCKS", RLIMIT_LOCKS},
                                                   {"RLIMIT_MEMLOCK", RLIMIT_MEMLOCK},
                                                   {"RLIMIT_MSGQUEUE", RLIMIT_MSGQUEUE},
                                                   {"RLIMIT_NICE", RLIMIT_NICE},
                                                   {"RLIMIT_NOFILE", RLIMIT_NOFILE},
                                                   {"RLIMIT_NPROC", RLIMIT_NPROC},
                                                   {"RLIMIT_RSS", RLIMIT_RSS},
                                                   {"RLIMIT_RTPRIO", RLIMIT_RTPRIO},
                                                   {"RLIMIT_RTTIME", RLIMIT_RTTIME},
                                                   {"RLIMIT_SIGPENDING", RLIMIT_SIGPENDING},
                                                   {"RLIMIT_STACK", RLIMIT_STACK}});

}  // namespace

void verb_caps(Args) {
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  std::array<__user_cap_data_struct, 2> data{};
  const long rc = ::syscall(SYS_capget, &header, data.data());
  Line line("caps");
  line.error(rc < 0 ? errno : 0);
  line.field("effective", cap_names_of(join_words(data[0].effective, data[1].effective)));
  line.field("permitted", cap_names_of(join_words(data[0].permitted, data[1].permitted)));
  line.field("inheritable", cap_names_of(join_words(data[0].inheritable, data[1].inheritable)));
  line.field("bounding",
             cap_names([](std::size_t cap) { return ::prctl(PR_CAPBSET_READ, cap) == 1; }));
  line.field("ambient", cap_names([](std::size_t cap) {
               return ::prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_IS_SET, cap, 0, 0) == 1;
             }));
  line.print();
}

void verb_id(Args) {
  uid_t uid = 0, euid = 0, suid = 0;
  gid_t gid = 0, egid = 0, sgid = 0;
  ::getresuid(&uid, &euid, &suid);
  ::getresgid(&gid, &egid, &sgid);
  Line("id")
      .field("uid", uid)
      .field("euid", euid)
      .field("suid", suid)
      .field("gid", gid)
      .field("egid", egid)
      .field("sgid", sgid)
      .print();
}

void verb_groups(Args) {
  std::array<gid_t, 1024> groups{};
  const int count = ::getgroups(static_cast<int>(groups.size()), groups.data());
  std::string list = "[";
  for (int i = 0; i < count; ++i) {
    if (i > 0) list += ',';
    list += std::to_string(groups[static_cast<std::size_t>(i)]);
  }
  Line("groups").raw("groups", list + "]").print();
}

void verb_env(Args) {
  std::vector<std::string> all;
  for (char** entry = environ; *entry != nullptr; ++entry) all.emplace_back(*entry);
  Line("env").field("env", all).print();
}

// The system call itself: glibc hides an "(unreachable)" directory behind an error.
void verb_cwd(Args) {
  std::array<char, 8192> path{};
  const long rc = ::syscall(SYS_getcwd, path.data(), path.size());
  Line("cwd").error(rc < 0 ? errno : 0).field("cwd", path.data()).print();
}

void verb_exe(Args) {
  std::array<char, 4096> target{};
  const ssize_t n = ::readlink("/proc/self/exe", target.data(), target.size() - 1);
  Line("exe").error(n < 0 ? errno : 0).field("exe", target.data()).print();
}

void verb_rlimits(Args) {
  Line line("rlimits");
  for (const auto& entry : kLimits) {
    rlimit value{};
    ::getrlimit(entry.resource, &value);
    line.raw(entry.name, "{\"soft\":" + std::to_string(value.rlim_cur) +
                             ",\"hard\":" + std::to_string(value.rlim_max) + "}");
  }
  line.print();
}

void verb_umask(Args) {
  const mode_t mask = ::umask(0);
  ::umask(mask);
  Line("umask").field("umask", mask).print();
}

void verb_pid(Args) {
  Line("pid")
      .field("pid", ::getpid())
      .field("ppid", ::getppid())
      .field("sid", ::getsid(0))
      .field("pgid", ::getpgrp())
      .field("dumpable", ::prctl(PR_GET_DUMPABLE))
      .print();
}

void verb_nnp(Args) {
  Line("nnp").field("nnp", ::prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1).print();
}

void verb_oom_score_adj(Args) {
  int error = 0;
  const std::string text = read_file("/proc/self/oom_score_adj", error);
  Line line("oom-score-adj");
  line.error(error);
  if (error == 0) line.field("value", std::atoi(text.c_str()));
  line.print();
}

void verb_personality(Args) {
  const int value = ::personality(0xffffffff);
  Line("personality").field("personality", value).print();
}

void verb_sched(Args) {
  // The kernel's first layout (sched_setattr(2)): the later fields are not asked for.
  struct {
    std::uint32_t size, policy;
    std::uint64_t flags;
    std::int32_t nice;
    std::uint32_t priority;
    std::uint64_t runtime, deadline, period;
  } attr{};
  const long rc = ::syscall(SYS_sched_getattr, 0, &attr, sizeof attr, 0);
  Line("sched")
      .error(rc < 0 ? errno : 0)
      .field("policy", attr.policy)
      .field("flags", attr.flags)
      .field("nice", attr.nice)
      .field("priority", attr.priority)
      .field("runtime", attr.runtime)
      .field("deadline", attr.deadline)
      .field("period", attr.period)
      .print();
}

void verb_ioprio(Args) {
  const long value = ::syscall(SYS_ioprio_get, 1 /* IOPRIO_WHO_PROCESS */, 0);
  Line("ioprio")
      .error(value < 0 ? errno : 0)
      .field("class", value >> 13)
      .field("priority", value & 7)
      .print();
}

void verb_affinity(Args) {
  cpu_set_t set;
  CPU_ZERO(&set);
  const int rc = ::sched_getaffinity(0, sizeof set, &set);
  std::string cpus = "[";
  for (std::size_t cpu = 0; cpu < CPU_SETSIZE; ++cpu) {
    if (!CPU_ISSET(cpu, &set)) continue;
    if (cpus.size() > 1) cpus += ',';
    cpus += std::to_string(cpu);
  }
  Line("affinity").error(rc < 0 ? errno : 0).raw("cpus", cpus + "]").print();
}

void verb_mempolicy(Args) {
  int mode = 0;
  std::array<unsigned long, 16> nodes{};
  const long rc =
      ::syscall(SYS_get_mempolicy, &mode, nodes.data(), nodes.size() * 8 * sizeof(long), 0, 0);
  Line("mempolicy").error(rc < 0 ? errno : 0).field("mode", mode).field("nodes", nodes[0]).print();
}

void verb_signals(Args) {
  std::string blocked = "[", ignored = "[";
  sigset_t mask;
  ::sigemptyset(&mask);
  ::sigprocmask(SIG_BLOCK, nullptr, &mask);
  const auto add = [](std::string& list, int signal) {
    if (list.size() > 1) list += ',';
    list += std::to_string(signal);
  };
  for (int signal = 1; signal <= SIGRTMAX; ++signal) {
    struct sigaction action{};
    if (::sigismember(&mask, signal) == 1) add(blocked, signal);
    if (::sigaction(signal, nullptr, &action) == 0 && action.sa_handler == SIG_IGN) {
      add(ignored, signal);
    }
  }
  Line("signals").raw("blocked", blocked + "]").raw("ignored", ignored + "]").print();
}

}  // namespace nacre::probe
