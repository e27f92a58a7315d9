#include "cli/commandline/command.h"

#include <algorithm>

namespace nacre::cli {

bool Arguments::has(std::string_view name) const {
  for (const auto& [given, value] : flags_) {
    if (given == name) return true;
  }
  return false;
}

bool Arguments::is_false(std::string_view name) const {
  return std::ranges::find(refused_, name) != refused_.end();
}

std::string_view Arguments::value(std::string_view name) const {
  std::string_view found;
  for (const auto& [given, value] : flags_) {
    if (given == name) found = value;
  }
  return found;
}

std::vector<std::string_view> Arguments::values(std::string_view name) const {
  std::vector<std::string_view> found;
  for (const auto& [given, value] : flags_) {
    if (given == name) found.emplace_back(value);
  }
  return found;
}

void Arguments::set(std::string_view name, std::string value) {
  flags_.emplace_back(name, std::move(value));
}

void Arguments::clear(std::string_view name) {
  std::erase_if(flags_, [&](const auto& flag) { return flag.first == name; });
  std::erase(refused_, name);
}

void Arguments::refuse(std::string_view name) {
  clear(name);
  refused_.emplace_back(name);
}

std::span<const FlagSpec> global_flags() {
  static constexpr FlagSpec kFlags[] = {
      {.name = "data-root",
       .value_name = "DIR",
       .help = "where images are kept (default: $NACRE_DATA_ROOT; else /var/lib/nacre, for a user "
               "$XDG_DATA_HOME/nacre)"},
      {.name = "debug", .help = "say more on standard error"},
  };
  return kFlags;
}

}  // namespace nacre::cli
