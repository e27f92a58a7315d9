#include "images/store/clock.h"

#include <array>
#include <chrono>

#include "base/text.h"
#include "sys/io.h"
#include "sys/random.h"

namespace nacre::images {
namespace {

constexpr std::size_t kNameBytes = 16;
constexpr std::size_t kBootIdLimit = 64;
constexpr std::string_view kDigits = "0123456789abcdef";

}  // namespace

std::int64_t seconds_now() {
  using std::chrono::duration_cast;
  using std::chrono::seconds;
  return duration_cast<seconds>(std::chrono::system_clock::now().time_since_epoch()).count();
}

Result<std::string> random_name() {
  std::array<unsigned char, kNameBytes> raw{};
  static_cast<void>(NACRE_TRY_CTX(sys::getrandom(raw.data(), raw.size()), "get random bytes"));
  std::string name;
  for (const unsigned byte : raw) {
    name.push_back(kDigits[byte >> 4U]);
    name.push_back(kDigits[byte & 15U]);
  }
  return name;
}

Result<std::string> read_boot_id() {
  const std::string text =
      NACRE_TRY_CTX(sys::read_file(sys::kCwd, "/proc/sys/kernel/random/boot_id", kBootIdLimit),
                    "read /proc/sys/kernel/random/boot_id");
  return std::string(text::trim(text));
}

}  // namespace nacre::images
