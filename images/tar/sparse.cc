#include "images/tar/sparse.h"

#include <cstring>

#include "base/text.h"
#include "images/stream/memory.h"
#include "images/tar/pax_values.h"

namespace nacre::images::tar {
namespace {

// GNU's use of the bytes behind the device numbers (tar.h of GNU tar calls it oldgnu_header).
constexpr std::size_t kRunsAt = 386;
constexpr std::size_t kRunsInHeader = 4;
constexpr std::size_t kMoreInHeaderAt = 482;
constexpr std::size_t kRealSizeAt = 483;
constexpr std::size_t kRunsInBlock = 21;
constexpr std::size_t kMoreInBlockAt = 504;
constexpr std::size_t kNumber = 12;

Error too_many(std::size_t max_extents) {
  return {ErrorCode::kResourceExhausted,
          text::join("the sparse map has more than ", max_extents, " runs")};
}

// A list that is not full ends where an offset starts with a NUL.
Result<void> take_runs(std::string_view runs, std::vector<Extent>& extents,
                       std::size_t max_extents) {
  for (std::size_t at = 0; at < runs.size() && runs[at] != '\0'; at += 2 * kNumber) {
    if (extents.size() >= max_extents) return fail(too_many(max_extents));
    const auto offset = NACRE_TRY(parse_count(runs.substr(at, kNumber), "sparse offset"));
    const auto size = NACRE_TRY(parse_count(runs.substr(at + kNumber, kNumber), "sparse size"));
    extents.push_back({offset, size});
  }
  return {};
}

// The lines of a 1.0 map, which is padded to whole blocks. Blocks are taken as numbers are asked
// for, never more than the entry has.
class MapLines {
 public:
  MapLines(BufferedInput& input, std::uint64_t stored) : input_(input), left_(stored) {}

  Result<std::uint64_t> next() {
    constexpr std::size_t kLongest = 20;
    std::string digits;
    for (;;) {
      if (rest_.empty()) NACRE_TRY(take_block());
      const char c = rest_.front();
      rest_.remove_prefix(1);
      if (c == '\n') return parse_decimal(digits);
      if (digits.size() == kLongest) return fail(invalid_argument("the sparse map has no lines"));
      digits += c;
    }
  }
  [[nodiscard]] std::uint64_t taken() const { return taken_; }

 private:
  Result<void> take_block() {
    if (left_ - taken_ < kBlock)
      return fail(invalid_argument("the sparse map is longer than the entry's data"));
    const Bytes block = NACRE_TRY(input_.peek(kBlock));
    if (block.size() < kBlock) return fail(invalid_argument("the archive ends in a sparse map"));
    std::memcpy(block_, block.data(), kBlock);
    rest_ = std::string_view(block_, kBlock);
    input_.consume(kBlock);
    taken_ += kBlock;
    return {};
  }

  BufferedInput& input_;
  std::uint64_t left_;
  std::uint64_t taken_ = 0;
  std::string_view rest_;
  char block_[kBlock];
};

Result<SparseMap> read_map_in_data(std::uint64_t size, BufferedInput& input, std::uint64_t stored,
                                   std::size_t max_extents) {
  SparseMap map{size, {}, 0};
  MapLines lines(input, stored);
  const std::uint64_t count = NACRE_TRY(lines.next());
  if (count > max_extents) return fail(too_many(max_extents));
  for (std::uint64_t i = 0; i < count; ++i) {
    const std::uint64_t offset = NACRE_TRY(lines.next());
    const std::uint64_t length = NACRE_TRY(lines.next());
    map.extents.push_back({offset, length});
  }
  map.map_bytes = lines.taken();
  return map;
}

Result<SparseMap> map_in_records(const PaxSparse& records) {
  if (!records.size) return fail(invalid_argument("GNU.sparse.size is missing"));
  if (records.open_offset)
    return fail(invalid_argument("the last GNU.sparse.offset has no GNU.sparse.numbytes"));
  if (records.blocks && *records.blocks != records.extents.size())
    return fail(invalid_argument(text::join("GNU.sparse.numblocks is ", *records.blocks, ", but ",
                                            records.extents.size(), " runs are listed")));
  return SparseMap{*records.size, records.extents, 0};
}

}  // namespace

Result<SparseMap> read_old_map(const RawHeader& raw, BufferedInput& input,
                               std::size_t max_extents) {
  const std::string_view header(reinterpret_cast<const char*>(&raw), kBlock);
  SparseMap map;
  map.size = NACRE_TRY(parse_count(header.substr(kRealSizeAt, kNumber), "real size"));
  NACRE_TRY(
      take_runs(header.substr(kRunsAt, kRunsInHeader * 2 * kNumber), map.extents, max_extents));
  bool more = header[kMoreInHeaderAt] != '\0';
  while (more) {
    const Bytes bytes = NACRE_TRY(input.peek(kBlock));
    if (bytes.size() < kBlock) return fail(invalid_argument("the archive ends in a sparse map"));
    const std::string_view block = as_text(bytes);
    if (block[0] == '\0') return fail(invalid_argument("a block of the sparse map is empty"));
    NACRE_TRY(take_runs(block.substr(0, kRunsInBlock * 2 * kNumber), map.extents, max_extents));
    more = block[kMoreInBlockAt] != '\0';
    input.consume(kBlock);
  }
  return map;
}

Result<SparseMap> read_pax_map(const PaxSparse& records, BufferedInput& input, std::uint64_t stored,
                               std::size_t max_extents) {
  const std::uint64_t major = records.major.value_or(0);
  const std::uint64_t minor = records.minor.value_or(0);
  if (major == 0 && minor <= 1) return map_in_records(records);
  if (major != 1 || minor != 0)
    return fail(unsupported(
        text::join("version ", major, '.', minor, " of GNU's sparse format is not known")));
  if (!records.realsize) return fail(invalid_argument("GNU.sparse.realsize is missing"));
  return read_map_in_data(*records.realsize, input, stored, max_extents);
}

Result<void> check_map(SparseMap& map, std::uint64_t stored) {
  std::uint64_t end = 0;
  std::uint64_t sum = 0;
  for (const Extent& extent : map.extents) {
    if (extent.offset < end)
      return fail(invalid_argument("the runs of the sparse map overlap or descend"));
    if (extent.offset > map.size || extent.size > map.size - extent.offset)
      return fail(invalid_argument("a run of the sparse map lies behind the file's end"));
    end = extent.offset + extent.size;
    sum += extent.size;
  }
  if (sum != stored)
    return fail(invalid_argument(text::join("the runs of the sparse map have ", sum, " bytes, but ",
                                            stored, " are stored")));
  std::erase_if(map.extents, [](const Extent& extent) { return extent.size == 0; });
  return {};
}

}  // namespace nacre::images::tar
