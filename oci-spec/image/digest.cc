#include "oci-spec/image/digest.h"

#include <algorithm>

#include "base/text.h"
#include "oci-spec/json/path.h"

namespace nacre::oci {
namespace {

struct Algorithm {
  std::string_view name;
  std::size_t bytes;
};
constexpr Algorithm kSha256{"sha256", 32};
constexpr Algorithm kSha512{"sha512", 64};
constexpr Algorithm kAlgorithms[] = {kSha256, kSha512};

constexpr std::size_t kShortHex = 12;

const Algorithm* find_algorithm(std::string_view name) {
  const auto* const found = std::find_if(std::begin(kAlgorithms), std::end(kAlgorithms),
                                         [&](const Algorithm& a) { return a.name == name; });
  return found == std::end(kAlgorithms) ? nullptr : found;
}

bool is_hex_digit(char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); }

Error refuse(std::string_view text, std::string_view reason) {
  return invalid_argument(text::join("digest ", json::excerpt(text), ": ", reason));
}

// Empty unless there are as many bytes as the algorithm gives.
std::string make_text(const Algorithm& algorithm, std::string_view raw) {
  static constexpr char kHex[] = "0123456789abcdef";
  if (raw.size() != algorithm.bytes) return {};
  std::string text = text::join(algorithm.name, ':');
  for (const char c : raw) {
    const auto byte = static_cast<unsigned char>(c);
    text += kHex[byte >> 4U];
    text += kHex[byte & 0xFU];
  }
  return text;
}

}  // namespace

Result<Digest> Digest::parse(std::string_view text) {
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos)
    return fail(refuse(text, "expected an algorithm, a colon and hexadecimal digits"));
  const Algorithm* const algorithm = find_algorithm(text.substr(0, colon));
  if (algorithm == nullptr)
    return fail(refuse(text, "the algorithm is neither \"sha256\" nor \"sha512\""));
  const std::string_view hex = text.substr(colon + 1);
  if (hex.size() != 2 * algorithm->bytes)
    return fail(refuse(text, text::join(algorithm->name, " has ", 2 * algorithm->bytes,
                                        " hexadecimal digits, not ", hex.size())));
  if (!std::all_of(hex.begin(), hex.end(), is_hex_digit))
    return fail(refuse(text, "only the digits 0-9 and a-f may follow the colon"));
  Digest digest;
  digest.text_ = text;
  return digest;
}

Digest Digest::sha256(std::string_view raw) {
  Digest digest;
  digest.text_ = make_text(kSha256, raw);
  return digest;
}

Digest Digest::sha512(std::string_view raw) {
  Digest digest;
  digest.text_ = make_text(kSha512, raw);
  return digest;
}

std::string_view Digest::algorithm() const {
  return std::string_view(text_).substr(0, text_.find(':'));
}

std::string_view Digest::hex() const {
  // Of the empty digest: npos + 1 is 0, and so the whole of nothing.
  return std::string_view(text_).substr(text_.find(':') + 1);
}

std::string Digest::short_hex() const { return std::string(hex().substr(0, kShortHex)); }

}  // namespace nacre::oci
