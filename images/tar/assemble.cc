#include "images/tar/assemble.h"

#include <utility>

#include "base/text.h"

namespace nacre::images::tar {
namespace {

constexpr char kOldSparse = 'S';

Type type_of(const Header& header, std::string_view path) {
  switch (header.type) {
    case '1':
      return Type::kHardLink;
    case '2':
      return Type::kSymlink;
    case '3':
      return Type::kCharDevice;
    case '4':
      return Type::kBlockDevice;
    case '5':
      return Type::kDirectory;
    case '6':
      return Type::kFifo;
    default:
      // v7 knew no directories: a slash at the end told them from files.
      return header.type != kOldSparse && path.ends_with('/') ? Type::kDirectory : Type::kFile;
  }
}

bool is_file_type(char type) { return type == '0' || type == '7' || type == kOldSparse; }

std::string choose(std::optional<std::string>& pax, std::optional<std::string>& gnu,
                   std::string& header) {
  if (pax) return *std::move(pax);
  if (gnu) return *std::move(gnu);
  return std::move(header);
}

Result<std::uint64_t> stored_bytes(const Header& header, const Pax& pax, Type type) {
  const std::uint64_t size = pax.size.value_or(header.size);
  if (type == Type::kFile) return size;
  if (pax.size.value_or(0) != 0)
    return fail(invalid_argument(text::join("an entry of type '", header.type,
                                            "' has no data, but the extended header says ",
                                            *pax.size, " bytes")));
  if (is_file_type(header.type) && size != 0)
    return fail(invalid_argument("the name ends with a slash, but there is data"));
  return 0;
}

Result<void> check_names(const Entry& entry) {
  if (entry.path.empty()) return fail(invalid_argument("the entry has no name"));
  const bool links = entry.type == Type::kHardLink || entry.type == Type::kSymlink;
  if (links && entry.link_target.empty()) return fail(invalid_argument("the link has no target"));
  return {};
}

Result<void> check_length(std::string_view path, std::string_view what, std::size_t limit) {
  if (path.size() <= limit) return {};
  return fail(invalid_argument(
      text::join("the ", what, " has ", path.size(), " bytes, more than ", limit)));
}

Result<void> check_components(std::string_view path, std::string_view what, std::size_t limit) {
  if (path.size() <= limit) return {};
  for (const std::string_view name : text::split(path, '/')) {
    if (name.size() <= limit) continue;
    return fail(invalid_argument(
        text::join("a name in the ", what, " has ", name.size(), " bytes, more than ", limit)));
  }
  return {};
}

// Moves what pax may override; what is left of `pax` are its sparse records.
void apply_attributes(Header& header, Pax& pax, Entry& entry) {
  entry.mode = header.mode;
  entry.uid = pax.uid.value_or(header.uid);
  entry.gid = pax.gid.value_or(header.gid);
  entry.uname = pax.uname ? *std::move(pax.uname) : std::move(header.uname);
  entry.gname = pax.gname ? *std::move(pax.gname) : std::move(header.gname);
  entry.mtime = pax.mtime.value_or(header.mtime);
  entry.device_major = header.device_major;
  entry.device_minor = header.device_minor;
  entry.xattrs = std::move(pax.xattrs);
}

Result<void> check_sparse(const Header& header, const PaxSparse& sparse, Type type) {
  if (header.type == kOldSparse && header.format != Format::kGnu)
    return fail(unsupported("sparse files outside of GNU archives are not supported"));
  if (!sparse.used) return {};
  if (type != Type::kFile) return fail(invalid_argument("only a file can be sparse"));
  if (header.type == kOldSparse)
    return fail(invalid_argument("the entry is sparse in two ways at once"));
  return {};
}

}  // namespace

Result<Kind> kind_of(char type) {
  switch (type) {
    case '0':
    case '1':
    case '2':
    case '3':
    case '4':
    case '5':
    case '6':
    case '7':
    case kOldSparse:
      return Kind::kEntry;
    case 'x':
    case 'X':
      return Kind::kPax;
    case 'g':
      return Kind::kGlobalPax;
    case 'L':
      return Kind::kLongPath;
    case 'K':
      return Kind::kLongLink;
    case 'V':
      return Kind::kLabel;
    default:
      return fail(unsupported(
          text::join("entries of type ", text::quote({&type, 1}), " are not supported")));
  }
}

Result<Assembled> assemble(Header&& header, Extensions&& extensions) {
  Pax none;
  Pax& pax = extensions.pax ? *extensions.pax : none;
  Assembled made;
  Entry& entry = made.entry;
  entry.path = choose(pax.path, extensions.long_path, header.path);
  entry.type = type_of(header, entry.path);
  // In its later versions GNU puts a made-up name where others look for the path.
  if (pax.sparse.name) entry.path = *pax.sparse.name;
  if (entry.type == Type::kHardLink || entry.type == Type::kSymlink)
    entry.link_target = choose(pax.link, extensions.long_link, header.link);
  NACRE_TRY(check_names(entry));
  NACRE_TRY(check_sparse(header, pax.sparse, entry.type));
  made.stored = NACRE_TRY(stored_bytes(header, pax, entry.type));
  made.old_sparse = header.type == kOldSparse;
  entry.size = made.stored;
  entry.sparse = made.old_sparse || pax.sparse.used;
  apply_attributes(header, pax, entry);
  if (pax.sparse.used) made.sparse = std::move(pax.sparse);
  return made;
}

Result<void> check_limits(const Entry& entry, const Limits& limits) {
  NACRE_TRY(check_length(entry.path, "path", limits.path_bytes));
  NACRE_TRY(check_components(entry.path, "path", limits.name_bytes));
  NACRE_TRY(check_length(entry.link_target, "link target", limits.path_bytes));
  if (entry.type != Type::kHardLink) return {};
  return check_components(entry.link_target, "link target", limits.name_bytes);
}

Result<std::string> parse_long_name(std::string_view data) {
  const std::size_t last = data.find_last_not_of('\0');
  const std::string_view name = data.substr(0, last == std::string_view::npos ? 0 : last + 1);
  if (name.empty()) return fail(invalid_argument("a long name is empty"));
  if (name.contains('\0')) return fail(invalid_argument("a long name contains a NUL"));
  return std::string(name);
}

Result<void> check_global(const Pax& pax) {
  if (!pax.size && !pax.sparse.used) return {};
  return fail(invalid_argument("a global extended header would move the data of all entries"));
}

}  // namespace nacre::images::tar
