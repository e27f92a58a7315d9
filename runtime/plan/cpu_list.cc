#include "runtime/plan/cpu_list.h"

#include <algorithm>

#include "base/text.h"

namespace nacre::plan {
namespace {

constexpr std::uint32_t kMaxBits = 8192;  // CONFIG_NR_CPUS of distribution kernels
constexpr std::size_t kMinBytes = 128;

Error malformed(std::string_view list) {
  return invalid_argument(text::join(text::quote(list), " is not a list such as \"0-3,7\""));
}

}  // namespace

Result<std::string> parse_cpu_list(std::string_view list) {
  std::string mask(kMinBytes, '\0');
  for (const std::string_view raw : text::split(list, ',')) {
    const std::string_view part = text::trim(raw);
    const std::size_t dash = part.find('-');
    const auto first = text::parse_u32(part.substr(0, dash));
    const auto last =
        dash == std::string_view::npos ? first : text::parse_u32(part.substr(dash + 1));
    if (!first || !last || *first > *last || *last >= kMaxBits) return fail(malformed(list));
    if (mask.size() <= *last / 8) mask.resize((std::size_t{*last} / 64 + 1) * 8, '\0');
    for (std::uint32_t number = *first; number <= *last; ++number) {
      mask[number / 8] = static_cast<char>(mask[number / 8] | 1 << (number % 8));
    }
  }
  return mask;
}

}  // namespace nacre::plan
