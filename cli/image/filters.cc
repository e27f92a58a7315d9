#include "cli/image/filters.h"

#include <fnmatch.h>

#include <algorithm>

#include "base/text.h"
#include "cli/render/units.h"
#include "images/reference/reference.h"
#include "images/service/resolve.h"

namespace nacre::cli {
namespace {

Error bad_filter(std::string_view text, std::string_view reason) {
  return invalid_argument(text::join("filter ", text::quote(text), ": ", reason));
}

Result<std::int64_t> created_of(const std::vector<images::ImageSummary>& images,
                                std::string_view text) {
  return NACRE_TRY(images::resolve(images, text)).image->created;
}

Result<void> add(Filters& out, std::string_view whole, std::string_view key, std::string_view value,
                 const std::vector<images::ImageSummary>& images, std::int64_t now) {
  if (key == "dangling") {
    if (value != "true" && value != "false" && value != "1" && value != "0")
      return fail(bad_filter(whole, "true or false is meant"));
    out.dangling = value == "true" || value == "1";
  } else if (key == "reference") {
    out.references.emplace_back(value);
  } else if (key == "label") {
    out.labels.emplace_back(value);
  } else if (key == "label!") {
    out.no_labels.emplace_back(value);
  } else if (key == "before") {
    out.before = NACRE_TRY(created_of(images, value));
  } else if (key == "since") {
    out.since = NACRE_TRY(created_of(images, value));
  } else {
    out.until = parse_moment(value, now);
    if (!out.until)
      return fail(bad_filter(whole, "a time is meant: 24h, 2024-05-01, 2024-05-01T10:00:00Z"));
  }
  return {};
}

bool has_label(const images::ImageSummary& image, const std::string& wanted) {
  const std::size_t equals = wanted.find('=');
  const auto found = image.config.labels.find(wanted.substr(0, equals));
  if (found == image.config.labels.end()) return false;
  return equals == std::string::npos || found->second == wanted.substr(equals + 1);
}

bool fits(const std::string& pattern, const std::string& text) {
  return ::fnmatch(pattern.c_str(), text.c_str(), FNM_PATHNAME) == 0;
}

}  // namespace

Result<Filters> parse_filters(const std::vector<std::string_view>& texts, std::string_view allowed,
                              const std::vector<images::ImageSummary>& images, std::int64_t now) {
  const auto names = text::split(allowed, ' ');
  Filters out;
  for (const std::string_view whole : texts) {
    const std::size_t equals = whole.find('=');
    if (equals == std::string_view::npos)
      return fail(bad_filter(whole, "it has the form name=value"));
    const std::string_view key = whole.substr(0, equals);
    if (std::ranges::find(names, key) == names.end())
      return fail(bad_filter(whole, text::join("there are: ", allowed)));
    NACRE_TRY(add(out, whole, key, whole.substr(equals + 1), images, now));
  }
  return out;
}

bool matches(const Filters& filters, const images::ImageSummary& image) {
  if (filters.dangling && *filters.dangling != image.names.empty()) return false;
  if (filters.before && image.created >= *filters.before) return false;
  if (filters.since && image.created <= *filters.since) return false;
  if (filters.until && image.created >= *filters.until) return false;
  const auto labelled = [&](const std::string& label) { return has_label(image, label); };
  return std::ranges::all_of(filters.labels, labelled) &&
         std::ranges::none_of(filters.no_labels, labelled);
}

bool matches_name(const Filters& filters, const std::string& name) {
  if (filters.references.empty()) return true;
  const auto reference = images::Reference::parse(name);
  if (!reference) return false;
  const std::string familiar = reference->familiar();
  const std::string repository = reference->repository().familiar();
  return std::ranges::any_of(filters.references, [&](const std::string& pattern) {
    return fits(pattern, familiar) || fits(pattern, repository) || fits(pattern, name);
  });
}

}  // namespace nacre::cli
