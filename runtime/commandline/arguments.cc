#include <algorithm>

#include "runtime/commandline/command.h"

namespace nacre::commandline {

bool Arguments::has(std::string_view name) const {
  return std::ranges::any_of(flags_, [&](const auto& flag) { return flag.first == name; });
}

std::string_view Arguments::value(std::string_view name) const {
  std::string_view last;
  for (const auto& [flag, text] : flags_) {
    if (flag == name) last = text;
  }
  return last;
}

std::vector<std::string_view> Arguments::values(std::string_view name) const {
  std::vector<std::string_view> all;
  for (const auto& [flag, text] : flags_) {
    if (flag == name) all.emplace_back(text);
  }
  return all;
}

void Arguments::set(std::string_view name, std::string value) {
  flags_.emplace_back(std::string(name), std::move(value));
}

void Arguments::clear(std::string_view name) {
  std::erase_if(flags_, [&](const auto& flag) { return flag.first == name; });
}

}  // namespace nacre::commandline
