#include "tests/support/report.h"

#include <gtest/gtest.h>

#include <sstream>

namespace nacre::test {

Report Report::parse(std::string_view output) {
  Report report;
  std::istringstream lines{std::string(output)};
  for (std::string line; std::getline(lines, line);) {
    if (line.ends_with('\r')) line.pop_back();
    json answer = json::parse(line, nullptr, false);
    if (answer.is_object() && answer.contains("verb")) {
      report.answers_.push_back(std::move(answer));
    } else {
      report.text_ += line + "\n";
    }
  }
  return report;
}

json& Report::at(std::string_view verb, std::size_t n) const {
  for (auto& answer : answers_) {
    if (answer["verb"] == verb && n-- == 0) return answer;
  }
  ADD_FAILURE() << "the probe gave no (further) answer to \"" << verb
                << "\"; other output: " << text_;
  nothing_ = nullptr;
  return nothing_;
}

bool Report::has(std::string_view verb) const {
  for (const auto& answer : answers_) {
    if (answer["verb"] == verb) return true;
  }
  return false;
}

json parse_mountinfo(const std::string& line) {
  std::istringstream fields(line);
  std::string id, parent, device, root, target, options, word, optional;
  fields >> id >> parent >> device >> root >> target >> options;
  while (fields >> word && word != "-") optional += (optional.empty() ? "" : ",") + word;
  std::string type, source, super;
  fields >> type >> source >> super;
  return {{"root", root},         {"target", target}, {"options", options},
          {"optional", optional}, {"type", type},     {"source", source},
          {"super", super},       {"id", id},         {"parent", parent}};
}

json Report::mount_at(std::string_view target) const {
  json found;
  for (const auto& line : at("mounts", 0).value("lines", json::array())) {
    json entry = parse_mountinfo(line);
    if (entry["target"] == target) found = std::move(entry);
  }
  return found;
}

bool has_option(const json& list, std::string_view word) {
  if (!list.is_string()) return false;
  std::istringstream words(list.get<std::string>());
  for (std::string entry; std::getline(words, entry, ',');) {
    if (entry == word) return true;
  }
  return false;
}

}  // namespace nacre::test
