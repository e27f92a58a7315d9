// What an answer says: which status means which error, and the words that a registry adds
// (distribution-spec, "Error Codes").
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>

#include "base/result.h"
#include "images/registry/http.h"

namespace nacre::images::registry {

// `MANIFEST_UNKNOWN: "manifest unknown"`, the first few of them; "" when the body is something
// else. What comes from outside is quoted: it may hold anything.
[[nodiscard]] std::string describe_error_body(std::string_view body);

// 404 kNotFound, 401 and 403 kPermissionDenied, 413 kResourceExhausted, 429 and 5xx kUnavailable,
// 405 and 501 kUnsupported, everything else kFailedPrecondition.
[[nodiscard]] ErrorCode code_for_status(unsigned status);

// Nothing when the status is one of `wanted`. Otherwise an error: `what: status 404: ...`; reads up
// to 64 KiB of the body for it.
[[nodiscard]] Result<void> expect_status(Response& response, std::initializer_list<unsigned> wanted,
                                         std::string_view what);

// Content-Range of a 206: "bytes 100-199/200", "bytes 0-9/*".
struct ContentRange {
  std::uint64_t first = 0;
  std::uint64_t last = 0;
  std::optional<std::uint64_t> total;
  friend bool operator==(const ContentRange&, const ContentRange&) = default;
};
[[nodiscard]] std::optional<ContentRange> parse_content_range(std::string_view value);
// Range of an upload: "0-99", "bytes=0-99". How many bytes are there; an empty upload is told as
// "0-0" by some, which cannot be told from one byte: see Upload.
[[nodiscard]] std::optional<std::uint64_t> parse_upload_range(std::string_view value);

// The target of rel="next" in a Link header (RFC 8288); nothing when there is none.
[[nodiscard]] std::optional<std::string> next_link(const Headers& headers);

}  // namespace nacre::images::registry
