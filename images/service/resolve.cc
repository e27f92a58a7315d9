#include "images/service/resolve.h"

#include <algorithm>

#include "base/text.h"
#include "images/reference/reference.h"

namespace nacre::images {
namespace {

constexpr std::size_t kWholeHex = 64;
constexpr std::string_view kSha256 = "sha256:";

bool is_hex(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

// "sha256:<64 digits>" of what may be a whole digest.
std::string whole_digest(std::string_view text) {
  if (text.size() == kWholeHex && is_hex(text)) return text::join(kSha256, text);
  return std::string(text);
}

std::optional<Resolved> by_digest(const std::vector<ImageSummary>& images,
                                  const std::string& digest) {
  for (const ImageSummary& image : images) {
    if (image.id.text() == digest) return Resolved{&image, nullptr, image.target};
  }
  for (const ImageSummary& image : images) {
    if (image.target.digest.text() == digest) return Resolved{&image, nullptr, image.target};
    if (image.manifest.digest.text() == digest) return Resolved{&image, nullptr, image.manifest};
    for (const NamedTarget& name : image.names) {
      if (name.target.digest.text() == digest) return Resolved{&image, nullptr, name.target};
    }
  }
  return std::nullopt;
}

std::optional<Resolved> by_name(const std::vector<ImageSummary>& images, const std::string& name) {
  for (const ImageSummary& image : images) {
    for (const NamedTarget& one : image.names) {
      if (one.name == name) return Resolved{&image, &one, one.target};
    }
  }
  return std::nullopt;
}

// "debian@sha256:..." where debian:12 stands for that very digest.
std::optional<Resolved> by_repository(const std::vector<ImageSummary>& images,
                                      const Reference& wanted) {
  for (const ImageSummary& image : images) {
    for (const NamedTarget& one : image.names) {
      if (one.target.digest != wanted.digest()) continue;
      const auto name = Reference::parse(one.name);
      if (name && name->repository() == wanted.repository())
        return Resolved{&image, nullptr, one.target};
    }
  }
  return std::nullopt;
}

Result<std::optional<Resolved>> by_prefix(const std::vector<ImageSummary>& images,
                                          std::string_view text) {
  std::string_view hex = text;
  if (hex.starts_with(kSha256)) hex.remove_prefix(kSha256.size());
  if (!is_hex(hex)) return std::nullopt;
  std::vector<const ImageSummary*> found;
  for (const ImageSummary& image : images) {
    if (image.id.hex().starts_with(hex)) found.push_back(&image);
  }
  if (found.empty()) return std::nullopt;
  if (found.size() > 1)
    return fail(invalid_argument(text::join("image ID ", text::quote(text),
                                            " is ambiguous: ", found[0]->id.short_hex(), " and ",
                                            found[1]->id.short_hex(), " begin with it")));
  return Resolved{found.front(), nullptr, found.front()->target};
}

}  // namespace

Result<Resolved> resolve(const std::vector<ImageSummary>& images, std::string_view text) {
  if (const auto found = by_digest(images, whole_digest(text))) return *found;
  const auto reference = Reference::parse(text);
  if (reference) {
    if (const auto found = by_name(images, reference->text())) return *found;
    if (!reference->digest().empty()) {
      if (const auto found = by_repository(images, *reference)) return *found;
    }
  }
  const auto found = NACRE_TRY(by_prefix(images, text));
  if (found) return *found;
  if (!reference && !is_hex(text) && !text.starts_with(kSha256)) return fail(reference.error());
  return fail(not_found(text::join("no such image: ", text)));
}

}  // namespace nacre::images
