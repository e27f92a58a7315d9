#include "images/registry/reply.h"

#include <algorithm>

#include "base/text.h"
#include "oci-spec/json/fields.h"

namespace nacre::images::registry {
namespace {

constexpr std::size_t kLargestErrorBody = std::size_t{64} << 10U;
constexpr std::size_t kShownErrors = 3;
constexpr std::size_t kShownText = 300;

struct RegistryError {
  std::string code, message;
  friend bool operator==(const RegistryError&, const RegistryError&) = default;
};
struct ErrorBody {
  std::vector<RegistryError> errors;
};

// "a" of "a-b", with b in `last`.
std::optional<std::pair<std::uint64_t, std::uint64_t>> parse_span(std::string_view text) {
  const std::size_t dash = text.find('-');
  if (dash == std::string_view::npos) return std::nullopt;
  const auto first = text::parse_u64(text.substr(0, dash));
  const auto last = text::parse_u64(text.substr(dash + 1));
  if (!first || !last || *first > *last || *last == UINT64_MAX) return std::nullopt;
  return std::pair(*first, *last);
}

bool is_next(std::string_view parameters) {
  for (const std::string_view one : text::split(parameters, ';')) {
    std::string_view parameter = text::trim(one);
    if (!parameter.starts_with("rel=")) continue;
    parameter.remove_prefix(4);
    if (parameter == "next" || parameter == "\"next\"") return true;
  }
  return false;
}

}  // namespace
}  // namespace nacre::images::registry

namespace nacre::json {

using images::registry::ErrorBody;
using images::registry::RegistryError;

template <>
struct Codec<RegistryError> : Object<RegistryError> {
  static constexpr auto kFields = table<RegistryError>({
      field<&RegistryError::code>("code"),
      field<&RegistryError::message>("message"),
  });
};
template <>
struct Codec<ErrorBody> : Object<ErrorBody> {
  static constexpr auto kFields = table<ErrorBody>({
      field<&ErrorBody::errors>("errors"),
  });
};

}  // namespace nacre::json

namespace nacre::images::registry {

std::string describe_error_body(std::string_view body) {
  const auto document = json::Document::parse(body);
  ErrorBody parsed;
  if (!document || !json::Codec<ErrorBody>::read(json::Cursor(*document, ""), parsed)) return {};
  std::string out;
  const std::size_t count = std::min(parsed.errors.size(), kShownErrors);
  for (std::size_t i = 0; i < count; ++i) {
    const auto& [code, message] = parsed.errors[i];
    text::append(out, out.empty() ? "" : ", ", text::quote(code.substr(0, kShownText)), " ",
                 text::quote(message.substr(0, kShownText)));
  }
  return out;
}

ErrorCode code_for_status(unsigned status) {
  switch (status) {
    case 404:
      return ErrorCode::kNotFound;
    case 401:
    case 403:
      return ErrorCode::kPermissionDenied;
    case 413:
      return ErrorCode::kResourceExhausted;
    case 405:
    case 501:
      return ErrorCode::kUnsupported;
    case 408:
    case 429:
      return ErrorCode::kUnavailable;
    default:
      return status >= 500 ? ErrorCode::kUnavailable : ErrorCode::kFailedPrecondition;
  }
}

Result<void> expect_status(Response& response, std::initializer_list<unsigned> wanted,
                           std::string_view what) {
  const unsigned status = response.status();
  if (std::ranges::find(wanted, status) != wanted.end()) return {};
  std::string message = text::join(what, ": status ", status);
  // A body that cannot be read adds nothing, and the status has been told.
  const auto body = read_text(response, kLargestErrorBody);
  const std::string words = body ? describe_error_body(*body) : std::string();
  if (!words.empty()) text::append(message, ": ", words);
  return fail(Error(code_for_status(status), std::move(message)));
}

std::optional<ContentRange> parse_content_range(std::string_view value) {
  std::string_view text = text::trim(value);
  constexpr std::string_view kUnit = "bytes ";
  if (!equal_without_case(text.substr(0, kUnit.size()), kUnit)) return std::nullopt;
  text = text::trim(text.substr(kUnit.size()));
  const std::size_t slash = text.find('/');
  if (slash == std::string_view::npos) return std::nullopt;
  const auto span = parse_span(text.substr(0, slash));
  if (!span) return std::nullopt;
  ContentRange out{span->first, span->second, std::nullopt};
  const std::string_view total = text.substr(slash + 1);
  if (total == "*") return out;
  out.total = text::parse_u64(total);
  if (!out.total || out.last >= *out.total) return std::nullopt;
  return out;
}

std::optional<std::uint64_t> parse_upload_range(std::string_view value) {
  std::string_view text = text::trim(value);
  if (text.starts_with("bytes=")) text.remove_prefix(6);
  const auto span = parse_span(text);
  if (!span || span->first != 0) return std::nullopt;
  return span->second + 1;
}

std::optional<std::string> next_link(const Headers& headers) {
  for (std::string_view rest : headers.all("Link")) {
    while (!rest.empty()) {
      const std::size_t begin = rest.find('<');
      const std::size_t end = rest.find('>', begin);
      if (begin == std::string_view::npos || end == std::string_view::npos) break;
      const std::string_view target = rest.substr(begin + 1, end - begin - 1);
      rest.remove_prefix(end + 1);
      const std::size_t comma = rest.find(',');
      if (is_next(rest.substr(0, comma))) return std::string(target);
      rest = comma == std::string_view::npos ? std::string_view() : rest.substr(comma + 1);
    }
  }
  return std::nullopt;
}

}  // namespace nacre::images::registry
