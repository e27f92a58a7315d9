#include "base/errno.h"

#include <cstring>
#include <string>
#include <vector>

namespace nacre {
namespace {

constexpr int kMaxErrno = 133;  // EHWPOISON, the highest number Linux hands to user space

// glibc's sentences start with a capital where Go's do not; the rest is the same.
// Names that are capitals throughout ("RFS specific error") stay as they are.
std::vector<std::string> lower_case_table() {
  std::vector<std::string> table;
  for (int number = 0; number <= kMaxErrno; ++number) {
    const char* text = strerrordesc_np(number);
    std::string entry = text != nullptr ? text : "errno " + std::to_string(number);
    const bool acronym = entry.size() > 1 && entry[1] >= 'A' && entry[1] <= 'Z';
    if (!acronym && entry[0] >= 'A' && entry[0] <= 'Z') entry[0] = static_cast<char>(entry[0] + 32);
    table.push_back(std::move(entry));
  }
  return table;
}

}  // namespace

const char* errno_text(Errno error) {
  static const std::vector<std::string> table = lower_case_table();
  if (error.value < 0 || error.value > kMaxErrno) return "unknown error number";
  return table[static_cast<std::size_t>(error.value)].c_str();
}

}  // namespace nacre
