// What a user saw while a scenario was played, in a form in which two runtimes can be compared.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "tests/support/command.h"

namespace nacre::test {

class Transcript {
 public:
  // `runtime`: as it was given to the caller; its name must not show in a comparison.
  explicit Transcript(std::string runtime) : runtime_(std::move(runtime)) {}

  const std::string& runtime() const { return runtime_; }
  // The command's exit status and both streams, normalised; gives the outcome back as it was.
  Outcome note(std::string_view step, Outcome outcome);
  // Only the exit status and standard output.
  Outcome note_result(std::string_view step, Outcome outcome);
  void note_text(std::string_view step, std::string_view text);
  const std::vector<std::string>& lines() const { return lines_; }

 private:
  void add(std::string_view step, std::string_view what, std::string_view text);
  std::string normalised(std::string_view text) const;
  std::string runtime_;
  std::vector<std::string> lines_;
};

// The lines that only one of the two has.
std::string difference(const Transcript& ours, const Transcript& reference);

}  // namespace nacre::test
