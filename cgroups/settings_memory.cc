#include <optional>

#include "base/text.h"
#include "cgroups/settings_parts.h"

namespace nacre::cgroups::parts {
namespace {

// nullopt: nothing is written. Everything below -1 is refused.
Result<std::optional<Setting>> bytes_setting(const char* file, std::optional<std::int64_t> bytes,
                                             std::string_view field) {
  if (!bytes || *bytes == 0) return std::nullopt;
  if (*bytes == -1) return setting(file, "max", field, IfMissing::kIgnore);
  if (*bytes < 0) {
    return fail(bad_field(field, text::join(*bytes, " is neither a number of bytes nor -1")));
  }
  return setting(file, std::to_string(*bytes), field);
}

Result<std::optional<Setting>> swap_setting(std::int64_t limit, std::int64_t both) {
  constexpr std::string_view kField = "memory.swap";
  if (both == 0 && limit == -1) both = -1;
  if (both == 0 || both == -1 || (limit == -1 && both > 0)) {
    return bytes_setting("memory.swap.max", both, kField);
  }
  if (limit == 0) return fail(bad_field(kField, "unable to set swap limit without memory limit"));
  if (both < limit) {
    return fail(bad_field(kField, text::join("memory+swap limit should be >= memory limit (", both,
                                             " < ", limit, ")")));
  }
  Setting swap = setting("memory.swap.max", std::to_string(both - limit), kField);
  // Without swap accounting the file is missing although the controller is there; then there is
  // nothing to forbid. Where the controller is missing, the memory limit fails.
  if (both == limit) swap.if_missing = IfMissing::kIgnore;
  return swap;
}

}  // namespace

Result<void> add_memory(const oci::MemoryResources& memory, Settings& out) {
  auto limit = NACRE_TRY(bytes_setting("memory.max", memory.limit, "memory.limit"));
  auto low = NACRE_TRY(bytes_setting("memory.low", memory.reservation, "memory.reservation"));
  auto swap = NACRE_TRY(swap_setting(memory.limit.value_or(0), memory.swap.value_or(0)));
  if (memory.check_before_update) {
    const auto positive = [](std::optional<std::int64_t> bytes) {
      return bytes && *bytes > 0 ? static_cast<std::uint64_t>(*bytes) : 0U;
    };
    if (limit) limit->must_exceed_usage = positive(memory.limit);
    if (swap) swap->must_exceed_usage = positive(memory.swap);
  }
  // Swap first: lowering memory.max pushes pages out, and they must not go beyond the new swap
  // limit.
  if (swap) out.push_back(*std::move(swap));
  if (limit) out.push_back(*std::move(limit));
  if (low) out.push_back(*std::move(low));
  return {};
}

}  // namespace nacre::cgroups::parts
