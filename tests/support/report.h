// What the probe said, one JSON object per verb.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace nacre::test {

using nlohmann::json;

class Report {
 public:
  Report() = default;
  // Lines that are not JSON are kept in text(): a program other than the probe may have spoken.
  static Report parse(std::string_view output);

  // The first, or n-th, answer to the verb; fails the test and gives null when there is none.
  // Not const, so that asking for a member that is missing gives null instead of a crash.
  json& operator[](std::string_view verb) const { return at(verb, 0); }
  json& at(std::string_view verb, std::size_t n) const;
  bool has(std::string_view verb) const;
  const std::string& text() const { return text_; }

  // The mount of the `mounts` verb whose target is this path, the topmost one; null if none.
  json mount_at(std::string_view target) const;

 private:
  mutable std::vector<json> answers_;
  mutable json nothing_;
  std::string text_;
};

// A line of mountinfo as an object: root, target, options, optional, type, source, super.
json parse_mountinfo(const std::string& line);
// Whether a comma-separated list has the word.
bool has_option(const json& list, std::string_view word);

}  // namespace nacre::test
