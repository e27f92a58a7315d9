// Names of users, from /etc/passwd itself: the C library's lookup loads modules, which a static
// program cannot.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace nacre::commands {

class Owners {
 public:
  // An unreadable file counts as an empty one.
  static Owners read();
  explicit Owners(std::string passwd) : passwd_(std::move(passwd)) {}

  // "#1000" for a user without a name.
  [[nodiscard]] std::string name_of(std::uint32_t uid) const;

 private:
  std::string passwd_;  // name:password:uid:... (passwd(5))
};

}  // namespace nacre::commands
