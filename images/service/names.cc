#include "images/service/names.h"

#include <algorithm>

#include "base/text.h"

namespace nacre::images {
namespace {

constexpr std::string_view kNameless = "unnamed@";

// An ingest of what is here already keeps it under the lease and gives nothing to write to.
Result<void> keep(Store& store, const Lease& lease, const oci::Descriptor& target) {
  if (!NACRE_TRY(store.find_blob(target.digest))) return {};
  const auto ingest = NACRE_TRY(store.ingest(lease, target));
  static_cast<void>(ingest);
  return {};
}

bool names(const std::vector<ImageRecord>& records, const oci::Digest& target) {
  return std::ranges::any_of(records, [&](const ImageRecord& one) {
    return !is_nameless(one.name) && one.target.digest == target;
  });
}

bool has(const std::vector<ImageRecord>& records, const std::string& name) {
  return std::ranges::any_of(records, [&](const ImageRecord& one) { return one.name == name; });
}

}  // namespace

std::string nameless_record(const oci::Digest& target) {
  return text::join(kNameless, target.text());
}

bool is_nameless(std::string_view record_name) { return record_name.starts_with(kNameless); }

Result<NamesBefore> NamesBefore::remember(Store& store) {
  Lease lease = NACRE_TRY(store.lease());
  auto records = NACRE_TRY(store.images());
  for (const ImageRecord& record : records) NACRE_TRY(keep(store, lease, record.target));
  return NamesBefore(std::move(lease), std::move(records));
}

Result<void> NamesBefore::settle(Store& store) const {
  const auto now = NACRE_TRY(store.images());
  for (const ImageRecord& record : now) {
    if (!is_nameless(record.name) || !names(now, record.target.digest)) continue;
    const auto removed = store.remove_image(record.name);
    // Somebody else has just done the same.
    if (!removed && removed.error().code() != ErrorCode::kNotFound) return removed;
  }
  for (const ImageRecord& before : records_) {
    // A name that is gone was removed by somebody who meant it; only one that moved leaves an
    // image.
    if (is_nameless(before.name) || !has(now, before.name)) continue;
    if (names(now, before.target.digest)) continue;
    if (!NACRE_TRY(store.find_blob(before.target.digest))) continue;  // was missing before, too
    NACRE_TRY(store.put_image(nameless_record(before.target.digest), before.target));
  }
  return {};
}

}  // namespace nacre::images
