#include "oci-spec/json/utf8.h"

#include <array>

namespace nacre::json {
namespace {

// Table 3-7 of the Unicode Standard: lead byte range, range of the second byte, length.
struct Form {
  unsigned char lead_from;
  unsigned char lead_to;
  unsigned char second_from;
  unsigned char second_to;
  std::size_t length;
};
constexpr std::array kForms = {
    Form{0xC2, 0xDF, 0x80, 0xBF, 2}, Form{0xE0, 0xE0, 0xA0, 0xBF, 3},
    Form{0xE1, 0xEC, 0x80, 0xBF, 3}, Form{0xED, 0xED, 0x80, 0x9F, 3},
    Form{0xEE, 0xEF, 0x80, 0xBF, 3}, Form{0xF0, 0xF0, 0x90, 0xBF, 4},
    Form{0xF1, 0xF3, 0x80, 0xBF, 4}, Form{0xF4, 0xF4, 0x80, 0x8F, 4},
};

unsigned char byte_at(std::string_view bytes, std::size_t at) {
  return static_cast<unsigned char>(bytes[at]);
}

bool is_continuation(unsigned char byte) { return (byte & 0xC0U) == 0x80U; }

bool has_form(std::string_view bytes, const Form& form) {
  if (bytes.size() < form.length) return false;
  const unsigned char second = byte_at(bytes, 1);
  if (second < form.second_from || second > form.second_to) return false;
  for (std::size_t i = 2; i < form.length; ++i) {
    if (!is_continuation(byte_at(bytes, i))) return false;
  }
  return true;
}

}  // namespace

std::size_t utf8_length(std::string_view bytes) {
  if (bytes.empty()) return 0;
  const unsigned char lead = byte_at(bytes, 0);
  if (lead < 0x80) return 1;
  for (const Form& form : kForms) {
    if (lead >= form.lead_from && lead <= form.lead_to)
      return has_form(bytes, form) ? form.length : 0;
  }
  return 0;
}

std::size_t find_invalid_utf8(std::string_view bytes) {
  std::size_t at = 0;
  while (at < bytes.size()) {
    const std::size_t length = utf8_length(bytes.substr(at));
    if (length == 0) return at;
    at += length;
  }
  return std::string_view::npos;
}

}  // namespace nacre::json
