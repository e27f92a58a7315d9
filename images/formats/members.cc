#include "images/formats/members.h"

#include <vector>

#include "base/text.h"

namespace nacre::images {
namespace {

constexpr int kMostLinks = 16;

Error leads_out(std::string_view path) {
  return invalid_argument(text::join("member ", text::quote(path), " leads out of the archive"));
}

// Takes ".." back; false when that leads out.
bool append_parts(std::vector<std::string_view>& parts, std::string_view path) {
  for (const std::string_view part : text::split(path, '/')) {
    if (part.empty() || part == ".") continue;
    if (part != "..") {
      parts.push_back(part);
    } else if (parts.empty()) {
      return false;
    } else {
      parts.pop_back();
    }
  }
  return true;
}

std::string joined(const std::vector<std::string_view>& parts) {
  std::string out;
  for (const std::string_view part : parts) {
    if (!out.empty()) out += '/';
    out += part;
  }
  return out;
}

}  // namespace

Result<std::string> member_name(std::string_view path) {
  if (path.starts_with('/')) return fail(leads_out(path));
  std::vector<std::string_view> parts;
  for (const std::string_view part : text::split(path, '/')) {
    if (part == "..") return fail(leads_out(path));
    if (!part.empty() && part != ".") parts.push_back(part);
  }
  return joined(parts);
}

Result<std::string> link_name(std::string_view from, std::string_view target) {
  if (target.starts_with('/')) return fail(leads_out(target));
  std::vector<std::string_view> parts;
  const std::size_t slash = from.rfind('/');
  const bool inside =
      (slash == std::string_view::npos || append_parts(parts, from.substr(0, slash))) &&
      append_parts(parts, target);
  if (!inside) return fail(leads_out(target));
  return joined(parts);
}

Result<void> MemberNames::add(const tar::Entry& entry, std::uint64_t offset) {
  std::string name = NACRE_TRY(member_name(entry.path));
  Item item{.member = {.offset = offset, .size = entry.size, .number = items_.size()}};
  switch (entry.type) {
    case tar::Type::kFile:
      if (entry.sparse)
        return fail(invalid_argument(text::join("member ", text::quote(name), " is sparse")));
      break;
    case tar::Type::kSymlink:
      item.target =
          NACRE_TRY_CTX(link_name(name, entry.link_target), text::join("link ", text::quote(name)));
      break;
    case tar::Type::kHardLink:
      item.target =
          NACRE_TRY_CTX(member_name(entry.link_target), text::join("link ", text::quote(name)));
      break;
    default:
      return {};
  }
  if (name.empty() || (entry.type != tar::Type::kFile && item.target.empty())) {
    return fail(invalid_argument(
        text::join("member ", text::quote(entry.path), " is or points to the archive itself")));
  }
  if (items_.size() == kMost) {
    return fail(Error(ErrorCode::kResourceExhausted,
                      text::join("the archive has more than ", kMost, " members")));
  }
  const auto [place, fresh] = items_.try_emplace(std::move(name), std::move(item));
  if (fresh) return {};
  return fail(
      invalid_argument(text::join("member ", text::quote(place->first), " is there twice")));
}

Result<std::optional<MemberNames::Found>> MemberNames::find(std::string_view path) const {
  std::string name = NACRE_TRY(member_name(path));
  for (int links = 0; links <= kMostLinks; ++links) {
    const auto found = items_.find(name);
    if (found == items_.end()) {
      if (links == 0) return std::nullopt;
      return fail(invalid_argument(text::join("member ", text::quote(path), " is a link to ",
                                              text::quote(name), ", which is not there")));
    }
    if (found->second.target.empty()) return Found{std::move(name), found->second.member};
    name = found->second.target;
  }
  return fail(invalid_argument(text::join("member ", text::quote(path), " is a link that ends ",
                                          "nowhere: more than ", kMostLinks, " links")));
}

Result<void> expect_zeros(Source& rest, const std::stop_token& stop) {
  std::vector<std::byte> buffer(kChunk);
  for (;;) {
    if (stop.stop_requested()) return fail(Error(ErrorCode::kCancelled, "cancelled"));
    const std::size_t got = NACRE_TRY(rest.read(buffer));
    if (got == 0) return {};
    for (const std::byte one : Bytes(buffer).first(got)) {
      if (one != std::byte{0})
        return fail(invalid_argument("something else follows the end of the archive"));
    }
  }
}

Result<std::optional<std::string>> read_member(Members& members, std::string_view path,
                                               std::size_t limit) {
  const auto size = NACRE_TRY(members.size_of(path));
  if (!size) return std::nullopt;
  const auto source = NACRE_TRY(members.open(path));
  return NACRE_TRY_CTX(read_text(*source, limit), text::quote(path));
}

}  // namespace nacre::images
