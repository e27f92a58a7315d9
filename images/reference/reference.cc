#include "images/reference/reference.h"

#include <algorithm>
#include <optional>

#include "base/text.h"
#include "oci-spec/json/path.h"

namespace nacre::images {
namespace {

using json::excerpt;

constexpr std::string_view kDefaultTag = "latest";
constexpr std::size_t kLongestTag = 128;

bool is_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

Result<void> check_tag(std::string_view tag) {
  const auto fits = [](char c) { return is_word(c) || c == '.' || c == '-'; };
  if (tag.empty()) return fail(invalid_argument("the tag after ':' is missing"));
  if (tag.size() > kLongestTag)
    return fail(invalid_argument(text::join("the tag has ", tag.size(), " characters; at most ",
                                            kLongestTag, " are allowed")));
  if (is_word(tag.front()) && std::all_of(tag.begin(), tag.end(), fits)) return {};
  return fail(invalid_argument(
      text::join("the tag ", excerpt(tag),
                 " must begin with a letter, a digit or '_' and go on with these, '.' and '-'")));
}

// The text in its parts; "given" tells `name:` from `name`.
struct Parts {
  std::string_view name;
  std::optional<std::string_view> tag;
  std::optional<std::string_view> digest;
};

Parts divide(std::string_view text) {
  Parts parts;
  const std::size_t at = text.find('@');
  if (at != std::string_view::npos) parts.digest = text.substr(at + 1);
  parts.name = text.substr(0, at);
  // A colon before the last slash is that of a port.
  const std::size_t slash = parts.name.rfind('/');
  const std::size_t colon = parts.name.rfind(':');
  if (colon == std::string_view::npos || (slash != std::string_view::npos && colon < slash))
    return parts;
  parts.tag = parts.name.substr(colon + 1);
  parts.name = parts.name.substr(0, colon);
  return parts;
}

bool is_hex(char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); }

bool is_id(std::string_view text) {
  constexpr std::size_t kHexOfSha256 = 64;
  if (oci::Digest::parse(text)) return true;
  return text.size() == kHexOfSha256 && std::all_of(text.begin(), text.end(), is_hex);
}

// Slips that deserve a better answer than what the grammar would say.
Result<void> check_form(std::string_view text) {
  const auto is_blank = [](char c) { return static_cast<unsigned char>(c) <= 0x20; };
  if (text.empty()) return fail(invalid_argument("is empty"));
  if (std::any_of(text.begin(), text.end(), is_blank))
    return fail(invalid_argument("may not have blanks or control characters"));
  if (text.find("://") != std::string_view::npos)
    return fail(invalid_argument("is a name and no address: leave out what ends in \"://\""));
  if (is_id(text)) return fail(invalid_argument("is the ID of an image and not a name"));
  if (text.starts_with('[') && text.find('/') == std::string_view::npos)
    return fail(invalid_argument("has a host and no repository"));
  return {};
}

}  // namespace

Result<Reference> Reference::read(std::string_view text) {
  NACRE_TRY(check_form(text));
  const Parts parts = divide(text);
  if (parts.name.empty())
    return fail(invalid_argument("the name before the tag or digest is missing"));
  Reference reference(NACRE_TRY(Repository::read(parts.name)));
  if (parts.digest) reference.digest_ = NACRE_TRY(oci::Digest::parse(*parts.digest));
  if (parts.tag) {
    NACRE_TRY(check_tag(*parts.tag));
    reference.tag_ = *parts.tag;
  }
  if (!parts.tag && !parts.digest) reference.tag_ = kDefaultTag;
  return reference;
}

Result<Reference> Reference::parse(std::string_view text) {
  return NACRE_TRY_CTX(read(text), text::join("image name ", excerpt(text)));
}

const std::string& Reference::object() const { return digest_.empty() ? tag_ : digest_.text(); }

std::string Reference::with_suffix(std::string name) const {
  if (!tag_.empty()) text::append(name, ':', tag_);
  if (!digest_.empty()) text::append(name, '@', digest_.text());
  return name;
}

std::string Reference::text() const { return with_suffix(repository_.text()); }
std::string Reference::familiar() const { return with_suffix(repository_.familiar()); }

Result<Reference> Reference::with_tag(std::string_view tag) const {
  NACRE_TRY_CTX(check_tag(tag), text::join("image name ", excerpt(familiar())));
  Reference other(repository_);
  other.tag_ = tag;
  return other;
}

Reference Reference::with_digest(const oci::Digest& digest) const {
  Reference other = *this;
  if (!digest.empty()) other.digest_ = digest;
  return other;
}

}  // namespace nacre::images
