// How a place in a JSON document is written in messages: process.rlimits[2].type, and
// linux.sysctl["net.ipv4.ip_forward"] for keys that are not plain words.
#pragma once

#include <string>
#include <string_view>

namespace nacre::json {

void append_key(std::string& path, std::string_view key);
void append_index(std::string& path, std::size_t index);

// Quoted, and shortened when it is too long to read: foreign text on its way into a message.
[[nodiscard]] std::string excerpt(std::string_view raw);

}  // namespace nacre::json
