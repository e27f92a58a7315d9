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

namespace nacre::cli {

struct FlagSpec {
  std::string_view name;   // without dashes
  char short_name = '\0';  // '\0': none
  bool repeatable = false;
  // Empty: a boolean flag. "a|b": words to choose from. FILE and DIR complete to such.
  std::string_view value_name = {};
  std::string_view help = {};
};

// What stood on the line, checked against the FlagSpecs.
class Arguments {
 public:
  // A boolean flag counts only while it is true: --force=false takes an earlier --force back.
  [[nodiscard]] bool has(std::string_view name) const;
  // A boolean flag was given as false.
  [[nodiscard]] bool is_false(std::string_view name) const;
  // The last one given, "" when absent.
  [[nodiscard]] std::string_view value(std::string_view name) const;
  [[nodiscard]] std::vector<std::string_view> values(std::string_view name) const;
  [[nodiscard]] const std::vector<std::string>& positionals() const { return positionals_; }

  void set(std::string_view name, std::string value);
  void clear(std::string_view name);
  void refuse(std::string_view name);
  void add_positional(std::string text) { positionals_.push_back(std::move(text)); }

 private:
  std::vector<std::pair<std::string, std::string>> flags_;  // in the order given
  std::vector<std::string> refused_;                        // boolean flags given as false
  std::vector<std::string> positionals_;
};

struct GlobalOptions {
  std::string data_root;  // absolute
  bool debug = false;     // say more on standard error
};

// The value is the exit status. An error is printed by main, once, and ends with status 1.
using CommandFunction = Result<int> (*)(const GlobalOptions&, const Arguments&);

// What the positionals are, for the completions.
enum class Operands : std::uint8_t { kNone, kImages, kImagesThenFree, kFiles };

struct CommandSpec {
  // Everything that it can be called by, "image ls" first.
  std::span<const std::string_view> names;
  std::string_view summary;           // one line, without a full stop
  std::string_view synopsis;          // what follows the name: "[OPTIONS] IMAGE [IMAGE...]"
  std::string_view description = {};  // paragraphs divided by empty lines
  std::span<const FlagSpec> flags = {};
  int min_positionals = 0;
  int max_positionals = -1;  // -1: any number
  Operands operands = Operands::kNone;
  CommandFunction run = nullptr;
};

struct GroupSpec {
  std::string_view name;
  std::string_view summary;
};

struct CommandTable {
  std::span<const GroupSpec> groups;
  std::span<const CommandSpec> commands;
};

// May stand in front of the command and behind it.
[[nodiscard]] std::span<const FlagSpec> global_flags();

}  // namespace nacre::cli
