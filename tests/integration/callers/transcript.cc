#include "tests/integration/callers/transcript.h"

#include <regex>
#include <set>
#include <sstream>

namespace nacre::test {
namespace {

struct Replacement {
  std::regex pattern;
  const char* by;
};

// What differs from one run to the next, and the words that are each runtime's own.
const std::vector<Replacement>& replacements() {
  static const std::vector<Replacement> kAll = [] {
    std::vector<Replacement> all;
    // The client asks for the exit status of a container that could not be started; sometimes it
    // hears the answer.
    const auto add = [&](const char* pattern, const char* by) {
      all.push_back({std::regex(pattern), by});
    };
    // The client asks for the exit status of a container that could not be started; sometimes it
    // hears the answer.
    add("time=\"[^\"]*\" level=error msg=\"error waiting for container: [^\n]*\n", "");
    add("time=\"[^\"]*\"", "time=T");
    add("[0-9a-f]{64}", "ID");
    add("\"inode\":[0-9]+,\"device\":[0-9]+", "\"inode\":I,\"device\":D");
    add("(runc|RUNTIME) create failed: ", "");
    add("unable to start container process: error during container init: ",
        "unable to start container process: ");
    // Debian's runc names the descriptor and flags of a failed mount, the call that did not find
    // its source, and no reason why a directory cannot be executed.
    add(": mount [^ ]* \\(via [^)]*\\), flags: 0x[0-9a-f]*: ", ": ");
    add("(error mounting \"[^\"]*\" to rootfs at \"[^\"]*\"): stat [^ ]*: ", "$1: ");
    add("\": is a directory: permission denied", "\": permission denied");
    return all;
  }();
  return kAll;
}

std::string replace_all(std::string text, const std::string& what, const std::string& by) {
  for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + by.size())) {
    text.replace(at, what.size(), by);
  }
  return text;
}

std::string only_in(const std::vector<std::string>& lines, const std::vector<std::string>& others) {
  std::multiset<std::string> rest(others.begin(), others.end());
  std::string text;
  for (const auto& line : lines) {
    if (const auto found = rest.find(line); found != rest.end()) {
      rest.erase(found);
    } else {
      text += "    " + line + "\n";
    }
  }
  return text;
}

}  // namespace

std::string difference(const Transcript& ours, const Transcript& reference) {
  return "only with " + ours.runtime() + ":\n" + only_in(ours.lines(), reference.lines()) +
         "only with " + reference.runtime() + ":\n" + only_in(reference.lines(), ours.lines());
}

std::string Transcript::normalised(std::string_view raw) const {
  std::string text(raw);
  text = replace_all(std::move(text), runtime_, "RUNTIME");
  text = replace_all(std::move(text), "nacre-runtime", "RUNTIME");
  for (const auto& [pattern, by] : replacements()) text = std::regex_replace(text, pattern, by);
  return text;
}

void Transcript::add(std::string_view step, std::string_view what, std::string_view text) {
  std::istringstream lines(normalised(text));
  for (std::string line; std::getline(lines, line);) {
    while (line.ends_with('\r')) line.pop_back();
    lines_.push_back(std::string(step) + ", " + std::string(what) + ": " + line);
  }
}

Outcome Transcript::note(std::string_view step, Outcome outcome) {
  outcome = note_result(step, std::move(outcome));
  add(step, "stderr", outcome.err);
  return outcome;
}

Outcome Transcript::note_result(std::string_view step, Outcome outcome) {
  add(step, "exit status", std::to_string(outcome.exit_code));
  add(step, "stdout", outcome.out);
  return outcome;
}

void Transcript::note_text(std::string_view step, std::string_view text) {
  add(step, "text", text);
}

}  // namespace nacre::test
