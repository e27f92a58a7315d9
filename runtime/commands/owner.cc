#include "runtime/commands/owner.h"

#include "base/text.h"
#include "sys/io.h"

namespace nacre::commands {

Owners Owners::read() {
  constexpr std::size_t kLargest = std::size_t{4} << 20U;
  auto passwd = sys::read_file(sys::kCwd, "/etc/passwd", kLargest);
  return Owners(passwd ? *std::move(passwd) : std::string());
}

std::string Owners::name_of(std::uint32_t uid) const {
  constexpr std::size_t kUidField = 2;
  for (const std::string_view line : text::split(passwd_, '\n')) {
    const auto fields = text::split(line, ':');
    if (fields.size() <= kUidField || fields[0].empty()) continue;
    if (text::parse_u32(fields[kUidField]) == uid) return std::string(fields[0]);
  }
  return text::join('#', uid);
}

}  // namespace nacre::commands
