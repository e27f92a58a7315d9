// Where a peer is known to differ from the contract, with the reason. There is no entry, and no way
// to make one, for nacre-runtime.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace nacre::test {

// The reason why the runtime under test need not pass the case, if it is a peer that is known to
// differ; nothing otherwise.
std::optional<std::string> known_difference(std::string_view case_name);

}  // namespace nacre::test
