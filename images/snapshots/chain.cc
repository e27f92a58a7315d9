#include "images/snapshots/chain.h"

#include "base/text.h"
#include "images/stream/hasher.h"

namespace nacre::images {
namespace {

Result<oci::Digest> link(const oci::Digest& below, const oci::Digest& diff_id) {
  const std::string text = text::join(below.text(), ' ', diff_id.text());
  Hasher hasher;
  hasher.update(std::as_bytes(std::span(text)));
  return hasher.finish();
}

}  // namespace

Result<std::vector<oci::Digest>> chain_ids(std::span<const oci::Digest> diff_ids) {
  std::vector<oci::Digest> chain;
  chain.reserve(diff_ids.size());
  for (const oci::Digest& diff_id : diff_ids) {
    if (diff_id.empty()) return fail(invalid_argument("a layer without a diffID"));
    chain.push_back(chain.empty() ? diff_id : NACRE_TRY(link(chain.back(), diff_id)));
  }
  return chain;
}

}  // namespace nacre::images
