#include "runtime/commandline/options.h"

#include <array>
#include <cstdlib>

#include "base/text.h"
#include "sys/io.h"
#include "sys/process.h"

namespace nacre::commandline {
namespace {

constexpr std::array kGlobalFlags = {
    FlagSpec{.name = "root",
             .value_name = "DIR",
             .help = "keep the state of containers in DIR, which should be on a tmpfs (default: "
                     "/run/nacre-runtime, without root $XDG_RUNTIME_DIR/nacre-runtime)"},
    FlagSpec{.name = "log",
             .value_name = "FILE",
             .help = "append errors to FILE (default: standard error)"},
    FlagSpec{.name = "log-format",
             .value_name = "text|json",
             .help = "how a line of the log is written (default: text)"},
    FlagSpec{.name = "log-level",
             .value_name = "error|warning|debug",
             .help = "what is worth a line in the log (default: error)"},
    FlagSpec{.name = "debug", .help = "the same as --log-level debug"},
    FlagSpec{.name = "systemd-cgroup",
             .value_name = {},
             .help = "let systemd make the cgroup: not supported yet, refused by create and run"},
    FlagSpec{.name = "cgroup-manager",
             .value_name = "cgroupfs|systemd|disabled",
             .help = "who makes the cgroup (default: cgroupfs; systemd: not yet)"},
    FlagSpec{.name = "rootless",
             .value_name = "auto|true|false",
             .help = "whether to go on where cgroups may not be changed (default: auto)"},
    FlagSpec{.name = "criu", .value_name = "FILE", .help = "accepted for old callers, not used"},
};

// True when uid 0 here is uid 0 of the machine: the map of the initial user namespace.
bool in_initial_user_namespace() {
  const auto map = sys::read_file(sys::kCwd, "/proc/self/uid_map", 4096);
  if (!map) return true;
  std::string fields;
  for (const std::string_view field : text::split(text::trim(*map), ' ')) {
    if (!field.empty()) text::append(fields, field, ' ');
  }
  return fields == "0 0 4294967295 ";
}

bool is_real_root() {
  if (sys::geteuid() != 0) return false;
  if (in_initial_user_namespace()) return true;
  const char* user = std::getenv("USER");
  return user != nullptr && std::string_view(user) == "root";
}

std::string_view basename_of(std::string_view path) {
  return path.substr(path.find_last_of('/') + 1);
}

Result<Rootless> parse_rootless(std::string_view text) {
  if (text.empty() || text == "auto") return Rootless::kAuto;
  if (text == "true" || text == "1") return Rootless::kTrue;
  if (text == "false" || text == "0") return Rootless::kFalse;
  return fail(invalid_argument(
      text::join("invalid value ", text::quote(text), " for --rootless: true, false or auto")));
}

Result<log::Format> parse_format(std::string_view text) {
  if (text.empty() || text == "text") return log::Format::kText;
  if (text == "json") return log::Format::kJson;
  return fail(invalid_argument(text::join("invalid log-format: ", text)));
}

Result<log::Level> parse_level(const Arguments& flags) {
  if (flags.has("debug")) return log::Level::kDebug;
  const std::string_view level = flags.value("log-level");
  if (level.empty() || level == "error") return log::Level::kError;
  if (level == "warning" || level == "info") return log::Level::kWarning;
  if (level == "debug") return log::Level::kDebug;
  return fail(invalid_argument(text::join("invalid value ", text::quote(level),
                                          " for --log-level: error, warning or debug")));
}

Result<std::string> parse_root(std::string_view given, const Environment& environment) {
  std::string root = absolute_path(given, environment.working_directory);
  if (root == "/") {
    return fail(invalid_argument("--root must not be / (containers would be directories there)"));
  }
  return root;
}

bool root_is_personal(const Environment& environment) {
  return !environment.real_root && !environment.xdg_runtime_dir.empty();
}

Result<std::string> parse_manager(std::string_view given) {
  if (given.empty()) return std::string("cgroupfs");
  if (given == "cgroupfs" || given == "systemd" || given == "disabled") return std::string(given);
  return fail(invalid_argument(text::join("invalid value ", text::quote(given),
                                          " for --cgroup-manager: cgroupfs, systemd or disabled")));
}

}  // namespace

std::span<const FlagSpec> global_flags() { return kGlobalFlags; }

Environment read_environment(const char* argv0) {
  Environment environment;
  environment.program_name = basename_of(argv0 == nullptr ? "" : argv0);
  if (environment.program_name.empty()) environment.program_name = "nacre-runtime";
  std::array<char, 4096> directory{};
  const auto got = sys::getcwd(directory.data(), directory.size());
  environment.working_directory = got ? directory.data() : "/";
  const char* runtime_dir = std::getenv("XDG_RUNTIME_DIR");
  environment.xdg_runtime_dir = runtime_dir == nullptr ? "" : runtime_dir;
  environment.real_root = is_real_root();
  return environment;
}

std::string default_root(const Environment& environment) {
  return text::join(
      root_is_personal(environment) ? std::string_view(environment.xdg_runtime_dir) : "/run", '/',
      environment.program_name);
}

std::string absolute_path(std::string_view path, std::string_view working_directory) {
  std::vector<std::string_view> kept;
  const auto add = [&](std::string_view part_of_path) {
    for (const std::string_view name : text::split(part_of_path, '/')) {
      if (name.empty() || name == ".") continue;
      if (name != "..") {
        kept.push_back(name);
      } else if (!kept.empty()) {
        kept.pop_back();
      }
    }
  };
  if (!path.starts_with('/')) add(working_directory);
  add(path);
  if (kept.empty()) return "/";
  std::string clean;
  for (const std::string_view name : kept) text::append(clean, '/', name);
  return clean;
}

Result<GlobalOptions> make_options(const Arguments& flags, const Environment& environment) {
  GlobalOptions options;
  options.program_name = environment.program_name;
  options.root_given = flags.has("root");
  options.root = options.root_given ? NACRE_TRY(parse_root(flags.value("root"), environment))
                                    : default_root(environment);
  // The sticky bit keeps what is in $XDG_RUNTIME_DIR from being cleaned away (XDG base
  // directories).
  options.root_mode = !options.root_given && root_is_personal(environment) ? 01700 : 0700;
  options.log_path = flags.value("log");
  options.log_format = NACRE_TRY(parse_format(flags.value("log-format")));
  options.log_level = NACRE_TRY(parse_level(flags));
  options.debug = options.log_level == log::Level::kDebug;
  options.cgroup_manager = flags.has("systemd-cgroup")
                               ? "systemd"
                               : NACRE_TRY(parse_manager(flags.value("cgroup-manager")));
  options.systemd_cgroup = options.cgroup_manager == "systemd";
  options.rootless = NACRE_TRY(parse_rootless(flags.value("rootless")));
  return options;
}

}  // namespace nacre::commandline
