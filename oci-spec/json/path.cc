#include "oci-spec/json/path.h"

#include <algorithm>

#include "base/text.h"

namespace nacre::json {
namespace {

constexpr std::size_t kLongest = 96;

bool is_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

}  // namespace

void append_key(std::string& path, std::string_view key) {
  const bool plain =
      !key.empty() && key.size() <= kLongest && std::all_of(key.begin(), key.end(), is_word);
  if (!plain) {
    text::append(path, '[', excerpt(key), ']');
    return;
  }
  if (!path.empty()) path += '.';
  path += key;
}

void append_index(std::string& path, std::size_t index) { text::append(path, '[', index, ']'); }

std::string excerpt(std::string_view raw) {
  if (raw.size() <= kLongest) return text::quote(raw);
  std::size_t cut = kLongest;
  // Not inside a UTF-8 sequence.
  while (cut > 0 && (static_cast<unsigned char>(raw[cut]) & 0xC0U) == 0x80U) --cut;
  return text::quote(raw.substr(0, cut)) + "...";
}

}  // namespace nacre::json
