// From a header and the extensions before it to an entry. Pure.
#pragma once

#include <optional>
#include <string>

#include "images/tar/header.h"
#include "images/tar/pax.h"
#include "images/tar/reader.h"

namespace nacre::images::tar {

// What stood before a header and is about it.
struct Extensions {
  std::optional<Pax> pax;
  std::optional<std::string> long_path;
  std::optional<std::string> long_link;

  [[nodiscard]] bool any() const { return pax || long_path || long_link; }
};

enum class Kind : std::uint8_t { kEntry, kPax, kGlobalPax, kLongPath, kLongLink, kLabel };
// unsupported: a type that is not known.
[[nodiscard]] Result<Kind> kind_of(char type);

struct Assembled {
  Entry entry;               // of a sparse file without its size and extents
  std::uint64_t stored = 0;  // bytes of data in the archive
  bool old_sparse = false;
  PaxSparse sparse;
};
[[nodiscard]] Result<Assembled> assemble(Header&& header, Extensions&& extensions);

// Lengths of path and link target, and of their components.
[[nodiscard]] Result<void> check_limits(const Entry& entry, const Limits& limits);

// A GNU long name: ends with NULs, holds none.
[[nodiscard]] Result<std::string> parse_long_name(std::string_view data);
// That a global pax header says nothing about where data is.
[[nodiscard]] Result<void> check_global(const Pax& pax);

}  // namespace nacre::images::tar
