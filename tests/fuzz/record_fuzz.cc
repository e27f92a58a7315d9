// Any bytes as state.json: no crash, and what was read is written and read again as the same.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "runtime/state/record.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto record =
      nacre::state::decode(std::string_view(reinterpret_cast<const char*>(data), size));
  if (!record) return 0;
  const std::string written = nacre::state::encode(*record);
  const auto again = nacre::state::decode(written);
  if (!again || nacre::state::encode(*again) != written) std::abort();
  return 0;
}
