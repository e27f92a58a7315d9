// One line of JSON per verb of the probe, written with one write(2) so that lines of several
// processes of a container do not mix.
#pragma once

#include <concepts>
#include <string>
#include <string_view>
#include <vector>

namespace nacre::probe {

class Line {
 public:
  explicit Line(std::string_view verb);

  Line& field(std::string_view key, std::string_view value);
  Line& field(std::string_view key, const char* value) {
    return field(key, std::string_view(value));
  }
  Line& field(std::string_view key, bool value) { return raw(key, value ? "true" : "false"); }
  template <std::integral T>
  Line& field(std::string_view key, T value) {
    return raw(key, std::to_string(value));
  }
  Line& field(std::string_view key, const std::vector<std::string>& values);

  // "error": the symbolic name ("EPERM"), or "" for 0. Every verb that can be refused has it.
  Line& error(int errno_value) { return error("error", errno_value); }
  Line& error(std::string_view key, int errno_value);
  Line& raw(std::string_view key, std::string_view json);

  // Completes the line and writes it to standard output.
  void print();

 private:
  std::string text_;
};

std::string quoted(std::string_view raw);
// The whole file, at most 1 MiB. errno_value is 0 or the reason.
std::string read_file(const char* path, int& errno_value);
std::vector<std::string> lines_of(std::string_view text);
// Strict enough for our own tests: stops the probe with a sentence when it is not a number.
long long number(const char* digits);

}  // namespace nacre::probe
