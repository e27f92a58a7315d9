// The files of a layout or an archive, by name: where a loader gets bytes from.
//
// Thread-safe once it is made: several threads open members at the same time.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>

#include "base/result.h"
#include "images/stream/stream.h"
#include "images/tar/entry.h"

namespace nacre::images {

class Members {
 public:
  Members() = default;
  Members(const Members&) = delete;
  Members& operator=(const Members&) = delete;
  virtual ~Members() = default;

  // The size of a regular file, links followed; nothing when there is none of that name.
  // invalid_argument: it is something else, links that lead out or to each other.
  [[nodiscard]] virtual Result<std::optional<std::uint64_t>> size_of(std::string_view path) = 0;
  // Its content, exactly as many bytes as size_of() says. invalid_argument when there is none.
  [[nodiscard]] virtual Result<std::unique_ptr<Source>> open(std::string_view path) = 0;
};

// A whole small file; nothing when there is none. More than `limit` is kResourceExhausted.
[[nodiscard]] Result<std::optional<std::string>> read_member(Members& members,
                                                             std::string_view path,
                                                             std::size_t limit);

// What follows the end of an archive: anything but zeros is invalid_argument.
[[nodiscard]] Result<void> expect_zeros(Source& rest, const std::stop_token& stop);

// The names in an archive. Pure.
class MemberNames {
 public:
  static constexpr std::size_t kMost = 100'000;

  struct Member {
    std::uint64_t offset = 0;  // of the content, wherever the archive is kept
    std::uint64_t size = 0;
    std::size_t number = 0;  // in the order of the archive
  };

  // Adds an entry. Directories and special files are passed over. invalid_argument: a name that
  // leads out of the archive, twice the same one, a sparse file. kResourceExhausted: too many.
  [[nodiscard]] Result<void> add(const tar::Entry& entry, std::uint64_t offset);

  // Follows links. The canonical name and the file; nothing when nobody has the name.
  struct Found {
    std::string name;
    Member member;
  };
  [[nodiscard]] Result<std::optional<Found>> find(std::string_view path) const;

 private:
  struct Item {
    Member member;
    std::string target;  // of a link: a name in the archive; empty: a file
  };
  std::map<std::string, Item, std::less<>> items_;
};

// "./blobs//x" is "blobs/x". invalid_argument: absolute, "..", empty.
[[nodiscard]] Result<std::string> member_name(std::string_view path);
// Where a symlink at `from` points to. invalid_argument: out of the archive.
[[nodiscard]] Result<std::string> link_name(std::string_view from, std::string_view target);

}  // namespace nacre::images
