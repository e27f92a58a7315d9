// Any bytes as a tar archive: no crash; the same entries and data however they are asked for; what
// was read keeps the limits; and what was read is written and read again as the same.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

#include "images/stream/memory.h"
#include "images/tar/header.h"
#include "images/tar/reader.h"
#include "images/tar/writer.h"

namespace {

using namespace nacre::images;

constexpr tar::Limits kLimits{
    .path_bytes = 300, .name_bytes = 255, .extended_header_bytes = 4096, .extents = 50};

struct Seen {
  bool failed = false;
  std::vector<tar::Entry> entries;
  std::vector<std::string> data;
};

enum class How : std::uint8_t { kRead, kView, kSkip };

bool take_data(tar::Reader& reader, How how, std::string& data) {
  std::byte chunk[777];
  for (;;) {
    Bytes piece;
    if (how == How::kView) {
      const auto got = reader.view();
      if (!got) return false;
      piece = *got;
    } else {
      const auto got = reader.read(chunk);
      if (!got) return false;
      piece = Bytes(chunk, *got);
    }
    if (piece.empty()) return true;
    data += as_text(piece);
  }
}

Seen read_all(std::string_view archive, std::size_t at_once, How how) {
  MemorySource source(archive, at_once);
  tar::Reader reader(source, kLimits);
  Seen seen;
  for (;;) {
    auto entry = reader.next();
    seen.failed = !entry;
    if (!entry || !*entry) break;
    seen.entries.push_back(**std::move(entry));
    seen.data.emplace_back();
    if (how == How::kSkip) continue;
    seen.failed = !take_data(reader, how, seen.data.back());
    if (seen.failed) break;
  }
  if (!seen.failed && (!reader.drain() || reader.offset() != archive.size())) std::abort();
  return seen;
}

void require(bool holds) {
  if (!holds) std::abort();
}

void check_entry(const tar::Entry& entry) {
  require(!entry.path.empty() && entry.path.size() <= kLimits.path_bytes);
  require(entry.path.find('\0') == std::string::npos);
  require(entry.link_target.size() <= kLimits.path_bytes);
  require(entry.mode <= 07777 && entry.mtime.nanoseconds < 1'000'000'000);
  require(entry.type == tar::Type::kFile || entry.size == 0);
  require(entry.sparse || entry.extents.empty());
  require(entry.extents.size() <= kLimits.extents);
  std::uint64_t end = 0;
  for (const tar::Extent& extent : entry.extents) {
    require(extent.size > 0 && extent.offset >= end && extent.offset <= entry.size &&
            extent.size <= entry.size - extent.offset);
    end = extent.offset + extent.size;
  }
}

void write_and_read(const Seen& seen) {
  MemorySink sink;
  tar::Writer writer(sink);
  Seen written;
  for (std::size_t i = 0; i < seen.entries.size(); ++i) {
    if (!writer.add(seen.entries[i])) continue;  // sparse, or a device number that ustar lacks
    require(writer.write(as_bytes(seen.data[i])).has_value());
    written.entries.push_back(seen.entries[i]);
    written.data.push_back(seen.data[i]);
  }
  require(writer.finish().has_value());
  const Seen again = read_all(sink.text(), 1 << 20, How::kView);
  // A header with many attributes may grow over the fuzzer's small limit.
  if (again.failed) return;
  require(again.entries == written.entries && again.data == written.data);
}

}  // namespace

extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size, std::size_t most);

// A checksum would stop nearly every change: whatever looks like a header gets the right one.
extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size,
                                               std::size_t most, unsigned seed) {
  size = LLVMFuzzerMutate(data, size, most);
  if (seed % 16 == 0) return size;
  for (std::size_t at = 0; at + tar::kBlock <= size; at += tar::kBlock) {
    tar::RawHeader raw;
    std::memcpy(&raw, data + at, sizeof raw);
    if (std::memcmp(raw.magic, "ustar", 5) != 0) continue;
    static_cast<void>(std::snprintf(raw.checksum, sizeof raw.checksum, "%06o",
                                    static_cast<unsigned>(tar::checksums(raw).plain)));
    std::memcpy(data + at, &raw, sizeof raw);
  }
  return size;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view archive(reinterpret_cast<const char*>(data), size);
  const Seen seen = read_all(archive, 1 << 20, How::kRead);
  for (const tar::Entry& entry : seen.entries) check_entry(entry);
  const Seen viewed = read_all(archive, size % 997 + 1, How::kView);
  require(viewed.failed == seen.failed && viewed.entries == seen.entries);
  if (!seen.failed) require(viewed.data == seen.data);
  const Seen skipped = read_all(archive, size % 61 + 1, How::kSkip);
  require(skipped.failed == seen.failed && skipped.entries == seen.entries);
  if (!seen.failed) write_and_read(seen);
  return 0;
}
