#include "oci-spec/image/index.h"

#include <algorithm>
#include <limits>

#include "base/text.h"
#include "oci-spec/image/annotations.h"
#include "oci-spec/image/media_types.h"
#include "oci-spec/json/path.h"

namespace nacre::oci {
namespace {

struct Candidate {
  std::size_t rank = 0;
  const Descriptor* descriptor = nullptr;
};

// Null where the entry does not say.
const Platform* platform_of(const Descriptor& entry) {
  if (!entry.platform) return nullptr;
  const Platform& platform = *entry.platform;
  return platform.os.empty() && platform.architecture.empty() ? nullptr : &platform;
}

// An image or an index of images; not a signature or the story of another entry.
bool may_be_image(const Descriptor& entry) {
  return document_kind(entry.media_type).has_value() &&
         !entry.annotations.contains(std::string(annotation::kDockerReferenceType));
}

std::optional<std::size_t> rank_entry(const Descriptor& entry, const Platform& wanted,
                                      Ancestors ancestors) {
  if (!may_be_image(entry)) return std::nullopt;
  const Platform* const offered = platform_of(entry);
  if (offered == nullptr) return std::numeric_limits<std::size_t>::max();
  return rank(*offered, wanted, ancestors);
}

// Each once, in the order of the index, for people.
std::string platforms_of(const Index& index) {
  constexpr std::size_t kMost = 24;
  std::vector<std::string> names;
  for (const Descriptor& entry : index.manifests) {
    const Platform* const platform = platform_of(entry);
    if (!may_be_image(entry) || platform == nullptr) continue;
    std::string name = to_text(normalized(*platform));
    if (name == "unknown/unknown") continue;
    if (std::find(names.begin(), names.end(), name) != names.end()) continue;
    if (names.size() == kMost) {
      names.emplace_back("...");
      break;
    }
    names.push_back(std::move(name));
  }
  return text::join_with(names, ", ");
}

Error none_for(const Index& index, const Platform& wanted) {
  constexpr std::size_t kLongest = 1024;  // foreign text
  std::string there = platforms_of(index);
  if (there.size() > kLongest) there = there.substr(0, kLongest) + "...";
  return not_found(text::join("no image for the platform ", to_text(wanted),
                              there.empty() ? ": the index has none at all" : ": there is ",
                              there));
}

}  // namespace

Result<std::vector<Descriptor>> choose(const Index& index, const Platform& wanted,
                                       Ancestors ancestors) {
  std::vector<Candidate> candidates;
  for (const Descriptor& entry : index.manifests) {
    if (const auto rank = rank_entry(entry, wanted, ancestors))
      candidates.push_back({*rank, &entry});
  }
  if (candidates.empty()) return fail(none_for(index, wanted));
  std::stable_sort(candidates.begin(), candidates.end(),
                   [](const Candidate& a, const Candidate& b) { return a.rank < b.rank; });
  std::vector<Descriptor> chosen;
  chosen.reserve(candidates.size());
  for (const Candidate& candidate : candidates) chosen.push_back(*candidate.descriptor);
  return chosen;
}

}  // namespace nacre::oci
