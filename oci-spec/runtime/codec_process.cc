#include "oci-spec/runtime/codecs.h"
#include "oci-spec/runtime/parse.h"
#include "oci-spec/runtime/write.h"

namespace nacre::json {

template <>
struct Codec<oci::ConsoleSize> : Object<oci::ConsoleSize> {
  static constexpr auto kFields = table<oci::ConsoleSize>({
      field<&oci::ConsoleSize::height>("height", kRequired),
      field<&oci::ConsoleSize::width>("width", kRequired),
  });
};

template <>
struct Codec<oci::User> : Object<oci::User> {
  static constexpr auto kFields = table<oci::User>({
      field<&oci::User::uid>("uid", kAlways),
      field<&oci::User::gid>("gid", kAlways),
      field<&oci::User::umask>("umask"),
      field<&oci::User::additional_gids>("additionalGids"),
  });
};

template <>
struct Codec<oci::Capabilities> : Object<oci::Capabilities> {
  static constexpr auto kFields = table<oci::Capabilities>({
      field<&oci::Capabilities::bounding>("bounding"),
      field<&oci::Capabilities::effective>("effective"),
      field<&oci::Capabilities::inheritable>("inheritable"),
      field<&oci::Capabilities::permitted>("permitted"),
      field<&oci::Capabilities::ambient>("ambient"),
  });
};

template <>
struct Codec<oci::Rlimit> : Object<oci::Rlimit> {
  static constexpr auto kFields = table<oci::Rlimit>({
      field<&oci::Rlimit::type>("type", kRequired),
      field<&oci::Rlimit::hard>("hard", kRequired),
      field<&oci::Rlimit::soft>("soft", kRequired),
  });
};

template <>
struct Codec<oci::Scheduler> : Object<oci::Scheduler> {
  static constexpr auto kFields = table<oci::Scheduler>({
      field<&oci::Scheduler::policy>("policy", kAlways),
      field<&oci::Scheduler::nice>("nice"),
      field<&oci::Scheduler::priority>("priority"),
      field<&oci::Scheduler::flags>("flags"),
      field<&oci::Scheduler::runtime>("runtime"),
      field<&oci::Scheduler::deadline>("deadline"),
      field<&oci::Scheduler::period>("period"),
  });
};

template <>
struct Codec<oci::IoPriority> : Object<oci::IoPriority> {
  static constexpr auto kFields = table<oci::IoPriority>({
      field<&oci::IoPriority::io_class>("class", kRequired),
      field<&oci::IoPriority::priority>("priority", kAlways),
  });
};

template <>
struct Codec<oci::CpuAffinity> : Object<oci::CpuAffinity> {
  static constexpr auto kFields = table<oci::CpuAffinity>({
      field<&oci::CpuAffinity::initial>("initial"),
      field<&oci::CpuAffinity::final>("final"),
  });
};

template <>
std::span<const Field> SharedObject<oci::Process>::fields() {
  static constexpr auto kFields = table<oci::Process>({
      field<&oci::Process::terminal>("terminal"),
      field<&oci::Process::console_size>("consoleSize"),
      field<&oci::Process::user>("user", kAlways),
      field<&oci::Process::args>("args"),
      field<&oci::Process::env>("env"),
      field<&oci::Process::cwd>("cwd", kAlways),
      field<&oci::Process::capabilities>("capabilities"),
      field<&oci::Process::rlimits>("rlimits"),
      field<&oci::Process::no_new_privileges>("noNewPrivileges"),
      field<&oci::Process::apparmor_profile>("apparmorProfile"),
      field<&oci::Process::oom_score_adj>("oomScoreAdj"),
      field<&oci::Process::scheduler>("scheduler"),
      field<&oci::Process::selinux_label>("selinuxLabel"),
      field<&oci::Process::io_priority>("ioPriority"),
      field<&oci::Process::exec_cpu_affinity>("execCPUAffinity"),
  });
  return kFields;
}

}  // namespace nacre::json

namespace nacre::oci {

Result<Process> parse_process(std::string_view bytes) {
  return json::parse_document<Process>(bytes, "process");
}

std::string to_json(const Process& process) { return json::write_document(process, {}); }

}  // namespace nacre::oci
