#include "cli/image/views.h"

#include <algorithm>
#include <set>

#include "base/text.h"
#include "cli/render/text.h"
#include "cli/render/units.h"
#include "images/reference/reference.h"

namespace nacre::cli {
namespace {

constexpr const char* kNone = "<none>";
constexpr const char* kUnknown = "N/A";

struct RowName {
  std::string repository = kNone, tag = kNone, digest = kNone;
};

// A name with a digest and no tag is worth a row only where no tag of its repository has one.
std::vector<RowName> names_of(const images::ImageSummary& image, const Filters& filters) {
  std::vector<RowName> out;
  std::set<std::string> tagged;
  std::vector<RowName> untagged;
  for (const images::NamedTarget& name : image.names) {
    if (!matches_name(filters, name.name)) continue;
    const auto reference = images::Reference::parse(name.name);
    if (!reference) {
      out.push_back({name.name, kNone, name.target.digest.text()});
      continue;
    }
    RowName row{reference->repository().familiar(), kNone, name.target.digest.text()};
    if (reference->tag().empty()) {
      untagged.push_back(row);
      continue;
    }
    row.tag = reference->tag();
    tagged.insert(row.repository);
    out.push_back(row);
  }
  for (const RowName& row : untagged) {
    if (!tagged.contains(row.repository)) out.push_back(row);
  }
  if (image.names.empty() && filters.references.empty()) {
    RowName row;
    row.digest = image.target.digest.text();
    out.push_back(row);
  }
  return out;
}

std::string id_of(const oci::Digest& id, bool whole) { return whole ? id.text() : id.short_hex(); }

Value row_of(const images::ImageSummary& image, const RowName& name, const ListView& how) {
  const bool readable = image.problem.empty();
  const std::string size = readable ? human_size(image.size) : kUnknown;
  return Value::record({{"Containers", kUnknown},
                        {"CreatedAt", docker_time(image.created)},
                        {"CreatedSince", human_age(image.created, how.now)},
                        {"Digest", name.digest},
                        {"ID", id_of(image.id, how.whole_ids)},
                        {"Platform", readable ? oci::to_text(image.platform) : kUnknown},
                        {"Problem", image.problem},
                        {"Repository", name.repository},
                        {"SharedSize", kUnknown},
                        {"Size", size},
                        {"Tag", name.tag},
                        {"UniqueSize", kUnknown},
                        {"VirtualSize", size}});
}

std::string one_line(std::string text) {
  std::ranges::replace(text, '\t', ' ');
  std::ranges::replace(text, '\n', ' ');
  return text;
}

Value history_row(const images::HistoryRow& row, const ListView& how, bool human) {
  constexpr std::size_t kDockersWidth = 45;
  const std::string by = one_line(row.created_by);
  return Value::record(
      {{"Comment", one_line(row.comment)},
       {"CreatedAt", docker_time(row.created)},
       {"CreatedBy", how.whole_ids ? by : shortened(by, kDockersWidth)},
       {"CreatedSince", human ? human_age(row.created, how.now) : docker_time(row.created)},
       {"ID", row.id.empty() ? "<missing>" : id_of(row.id, how.whole_ids)},
       {"Size", human ? human_size(row.size) : text::join(row.size)}});
}

}  // namespace

Listing list_view(const std::vector<images::ImageSummary>& images, const Filters& filters,
                  const ListView& how) {
  Listing out;
  out.titles = {{"Containers", "CONTAINERS"},
                {"CreatedAt", "CREATED AT"},
                {"CreatedSince", "CREATED"},
                {"Digest", "DIGEST"},
                {"ID", "IMAGE ID"},
                {"Platform", "PLATFORM"},
                {"Problem", "PROBLEM"},
                {"Repository", "REPOSITORY"},
                {"SharedSize", "SHARED SIZE"},
                {"Size", "SIZE"},
                {"Tag", "TAG"},
                {"UniqueSize", "UNIQUE SIZE"},
                {"VirtualSize", "VIRTUAL SIZE"}};
  for (const images::ImageSummary& image : images) {
    if (!matches(filters, image)) continue;
    for (const RowName& name : names_of(image, filters))
      out.rows.push_back(row_of(image, name, how));
  }
  return out;
}

Listing history_view(const std::vector<images::HistoryRow>& rows, const ListView& how, bool human) {
  Listing out;
  out.titles = {{"Comment", "COMMENT"},
                {"CreatedAt", "CREATED AT"},
                {"CreatedBy", "CREATED BY"},
                {"CreatedSince", "CREATED"},
                {"ID", "IMAGE"},
                {"Size", "SIZE"}};
  for (const images::HistoryRow& row : rows) out.rows.push_back(history_row(row, how, human));
  return out;
}

}  // namespace nacre::cli
