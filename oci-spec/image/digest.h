// A content digest, `algorithm:hex` (image-spec, descriptor.md, "Digests").
//
// Only sha256 and sha512 with lower-case hex of the right length are digests here: the text becomes
// part of file names and URLs (CVE-2024-3727: a digest that was not checked became a path).
// A value like any other: copied freely, thread-safe while nobody assigns to it.
#pragma once

#include <compare>
#include <string>
#include <string_view>

#include "base/result.h"

namespace nacre::oci {

class Digest {
 public:
  // invalid_argument with the text quoted (cut to a decent length).
  [[nodiscard]] static Result<Digest> parse(std::string_view text);
  // From the raw bytes of a hash: 32 and 64 of them. Any other number is a mistake of the caller
  // and gives the empty digest, which equals no digest of anything.
  [[nodiscard]] static Digest sha256(std::string_view raw);
  [[nodiscard]] static Digest sha512(std::string_view raw);

  // The empty digest: "not known". Never the result of parse().
  Digest() = default;
  [[nodiscard]] bool empty() const { return text_.empty(); }
  [[nodiscard]] const std::string& text() const { return text_; }  // "sha256:0123..."
  [[nodiscard]] std::string_view algorithm() const;                // "sha256"
  [[nodiscard]] std::string_view hex() const;
  [[nodiscard]] std::string short_hex() const;  // the 12 digits that people are shown

  friend bool operator==(const Digest&, const Digest&) = default;
  friend auto operator<=>(const Digest&, const Digest&) = default;

 private:
  std::string text_;
};

}  // namespace nacre::oci
