#include "images/reference/repository.h"

#include <algorithm>
#include <optional>

#include "base/text.h"
#include "images/reference/host.h"
#include "oci-spec/json/path.h"

namespace nacre::images {
namespace {

using json::excerpt;

constexpr std::size_t kLongestName = 255;

bool is_lower_alphanumeric(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }
bool is_separator(char c) { return c == '.' || c == '_' || c == '-'; }
bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }

// Between letters and digits: one dot, one or two underscores, or any number of hyphens.
bool is_separator_run(std::string_view run) {
  return run == "." || run == "_" || run == "__" || run.find_first_not_of('-') == run.npos;
}

bool separators_fit(std::string_view part) {
  if (!is_lower_alphanumeric(part.front()) || !is_lower_alphanumeric(part.back())) return false;
  while (!part.empty()) {
    std::size_t end = 0;
    while (end < part.size() && is_separator(part[end])) ++end;
    if (!is_separator_run(part.substr(0, end))) return false;
    part.remove_prefix(end);
    while (!part.empty() && !is_separator(part.front())) part.remove_prefix(1);
  }
  return true;
}

std::optional<std::string> fault_of_part(std::string_view part) {
  if (part.empty()) return "there is nothing before, after or between its slashes";
  if (std::any_of(part.begin(), part.end(), is_upper))
    return text::join(excerpt(part),
                      " must be in lower case (a host has a dot or a port, or is localhost)");
  const auto strange = std::find_if(part.begin(), part.end(), [](char c) {
    return !is_lower_alphanumeric(c) && !is_separator(c);
  });
  if (strange != part.end())
    return text::join(excerpt(part), " has a character that is not a-z, 0-9, '.', '_' or '-'");
  if (separators_fit(part)) return std::nullopt;
  return text::join(excerpt(part),
                    " must begin and end with a letter or digit, and between them have one '.', "
                    "one or two '_' or only '-' at a time");
}

Result<void> check_path(std::string_view path) {
  for (const std::string_view part : text::split(path, '/')) {
    if (auto fault = fault_of_part(part)) return fail(invalid_argument(*std::move(fault)));
  }
  return {};
}

}  // namespace

Result<Repository> Repository::read(std::string_view text) {
  const std::size_t slash = text.find('/');
  const bool has_host = slash != std::string_view::npos && looks_like_host(text.substr(0, slash));
  std::string host(kDefaultHost);
  if (has_host) host = NACRE_TRY(parse_host(text.substr(0, slash)));
  const std::string_view path = has_host ? text.substr(slash + 1) : text;
  NACRE_TRY(check_path(path));
  const bool official = host == kDefaultHost && path.find('/') == std::string_view::npos;
  Repository repository(std::move(host),
                        official ? text::join(kDefaultNamespace, '/', path) : std::string(path));
  const std::size_t size = repository.text().size();
  if (size > kLongestName)
    return fail(invalid_argument(text::join("host and path have ", size, " characters; at most ",
                                            kLongestName, " are allowed")));
  return repository;
}

Result<Repository> Repository::parse(std::string_view text) {
  return NACRE_TRY_CTX(read(text), text::join("repository name ", excerpt(text)));
}

std::string Repository::text() const { return text::join(host_, '/', path_); }

std::string Repository::familiar() const {
  if (host_ != kDefaultHost) return text();
  const std::size_t slash = path_.find('/');
  const std::string_view first = std::string_view(path_).substr(0, slash);
  // A team that is called like a host can only be told from one by the full name.
  if (looks_like_host(first)) return text();
  const bool official = first == kDefaultNamespace && path_.find('/', slash + 1) == path_.npos;
  return official ? path_.substr(slash + 1) : path_;
}

}  // namespace nacre::images
