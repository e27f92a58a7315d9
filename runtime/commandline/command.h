// The commands as data: one table gives the parser, the help pages, the manual and the completions.
//
// Views in specs point to static storage. Arguments and GlobalOptions own their text.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "runtime/log/log.h"

namespace nacre::commandline {

struct FlagSpec {
  std::string_view name;   // without dashes
  char short_name = '\0';  // '\0': none
  bool repeatable = false;
  std::string_view value_name = {};  // empty: a boolean flag; "a|b": the words to choose from
  std::string_view help = {};
};

// What stood behind the command's name, checked against its FlagSpecs.
class Arguments {
 public:
  // A boolean flag counts only while it is true: --force=false takes an earlier --force back.
  [[nodiscard]] bool has(std::string_view name) const;
  // The last one given, "" when absent.
  [[nodiscard]] std::string_view value(std::string_view name) const;
  [[nodiscard]] std::vector<std::string_view> values(std::string_view name) const;
  [[nodiscard]] const std::vector<std::string>& positionals() const { return positionals_; }

  void set(std::string_view name, std::string value);
  void clear(std::string_view name);
  void add_positional(std::string text) { positionals_.push_back(std::move(text)); }

 private:
  std::vector<std::pair<std::string, std::string>> flags_;  // in the order given
  std::vector<std::string> positionals_;
};

enum class Rootless : std::uint8_t { kAuto, kTrue, kFalse };

struct GlobalOptions {
  std::string root;                // absolute; where the state of the containers lives
  bool root_given = false;         // by --root: then `list` wants it to exist
  std::uint32_t root_mode = 0700;  // for the first command that makes it
  std::string log_path;            // empty: standard error
  log::Format log_format = log::Format::kText;
  log::Level log_level = log::Level::kError;
  bool debug = false;  // log_level is kDebug
  bool systemd_cgroup = false;
  std::string cgroup_manager = "cgroupfs";  // "cgroupfs" | "systemd" | "disabled"
  Rootless rootless = Rootless::kAuto;
  std::string program_name;             // basename of argv[0]
  const log::Logger* logger = nullptr;  // set before a command runs
};

// The value is the exit status. An error is reported by main, once, and ends with failure_status.
using CommandFunction = Result<int> (*)(const GlobalOptions&, const Arguments&);

struct CommandSpec {
  std::string_view name;
  std::string_view summary;   // one line, without a full stop
  std::string_view synopsis;  // what follows the name in USAGE: "[command options] <container-id>"
  std::string_view description = {};  // paragraphs divided by empty lines
  std::span<const FlagSpec> flags = {};
  int min_positionals = 0;
  int max_positionals = -1;               // -1: any number
  bool stop_at_first_positional = false;  // the rest belongs to somebody else: exec, kill, ps
  int failure_status = 1;
  CommandFunction run = nullptr;
};

// The flags in front of the command's name.
std::span<const FlagSpec> global_flags();

}  // namespace nacre::commandline
