// WWW-Authenticate: what a server wants to see before it answers (RFC 9110, 11.6.1; RFC 6750).
//
// One header may hold several challenges and there may be several headers; commas separate
// challenges as well as their parameters, and quoted values may hold commas.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "images/registry/http.h"

namespace nacre::images::registry {

struct Challenge {
  std::string scheme;                         // lower case: "bearer", "basic"
  std::map<std::string, std::string> params;  // names in lower case; of one given twice the first
  std::string token68;                        // the other form: one token instead of parameters

  [[nodiscard]] std::string_view param(std::string_view name) const;  // "" when absent
  friend bool operator==(const Challenge&, const Challenge&) = default;
};

// Of one header's value. invalid_argument with the place when it is malformed.
[[nodiscard]] Result<std::vector<Challenge>> parse_challenges(std::string_view value);
// Of all WWW-Authenticate headers. A header that cannot be read hides none of the others; only when
// there is no challenge at all is its error returned.
[[nodiscard]] Result<std::vector<Challenge>> challenges_of(const Headers& headers);

// Which one to answer: Bearer before Basic, whatever the order; nothing else is known here.
[[nodiscard]] const Challenge* choose_challenge(const std::vector<Challenge>& challenges);

}  // namespace nacre::images::registry
