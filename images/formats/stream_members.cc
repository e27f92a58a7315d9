#include "images/formats/stream_members.h"

#include <variant>
#include <vector>

#include "base/text.h"
#include "images/formats/file_part.h"
#include "images/stream/memory.h"
#include "images/tar/reader.h"
#include "oci-spec/image/layout.h"

namespace nacre::images {
namespace {

// Documents, and what else is small: an fsync for each would cost more than the bytes.
constexpr std::uint64_t kSmall = std::uint64_t{1} << 20U;
constexpr std::uint64_t kMostMemory = std::uint64_t{16} << 20U;

using Kept = std::variant<std::string, oci::Digest>;

// Knows where the last byte was that is not zero, so that what follows the end of an archive can be
// judged although the reader has taken it already.
class TailSource final : public Source {
 public:
  explicit TailSource(Source& source) : source_(source) {}
  Result<std::size_t> read(Buffer into) override {
    const std::size_t got = NACRE_TRY(source_.read(into));
    for (std::size_t i = got; i > 0; --i) {
      if (into[i - 1] == std::byte{0}) continue;
      content_end_ = taken_ + i;
      break;
    }
    taken_ += got;
    return got;
  }
  [[nodiscard]] std::uint64_t content_end() const { return content_end_; }

 private:
  Source& source_;
  std::uint64_t taken_ = 0;
  std::uint64_t content_end_ = 0;
};

class TextSource final : public Source {
 public:
  explicit TextSource(const std::string& text) : source_(text) {}
  [[nodiscard]] Result<std::size_t> read(Buffer into) override { return source_.read(into); }

 private:
  MemorySource source_;
};

// "blobs/sha256/<hex>"; nothing for any other name.
std::optional<oci::Digest> digest_of(std::string_view name) {
  const auto parts = text::split(name, '/');
  if (parts.size() != 3 || parts[0] != oci::kLayoutBlobsFolder) return std::nullopt;
  auto digest = oci::Digest::parse(text::join(parts[1], ":", parts[2]));
  if (!digest) return std::nullopt;
  return *std::move(digest);
}

class StreamMembers final : public Members {
 public:
  StreamMembers(Store& store, const Lease& lease) : store_(store), lease_(lease) {}

  Result<void> take(Source& archive, const std::stop_token& stop) {
    TailSource watched(archive);
    tar::Reader reader(watched);
    for (;;) {
      const auto entry = NACRE_TRY(reader.next());
      if (!entry) break;
      NACRE_TRY(names_.add(*entry, 0));
      NACRE_TRY_CTX(keep(*entry, reader, stop), text::join("member ", text::quote(entry->path)));
    }
    const std::uint64_t end = reader.offset();
    static_cast<void>(NACRE_TRY(reader.drain()));
    if (watched.content_end() <= end) return {};
    return fail(invalid_argument("something else follows the end of the archive"));
  }

  Result<std::optional<std::uint64_t>> size_of(std::string_view path) override {
    const auto found = NACRE_TRY(names_.find(path));
    if (!found) return std::nullopt;
    return found->member.size;
  }

  Result<std::unique_ptr<Source>> open(std::string_view path) override {
    const auto found = NACRE_TRY(names_.find(path));
    if (!found) return fail(invalid_argument(text::join("there is no member ", text::quote(path))));
    const Kept& kept = kept_[found->member.number];
    if (const auto* text = std::get_if<std::string>(&kept))
      return std::make_unique<TextSource>(*text);
    UniqueFd blob = NACRE_TRY(store_.open_blob(std::get<oci::Digest>(kept)));
    return std::make_unique<OwnedFilePart>(std::move(blob), found->member.size,
                                           text::join("member ", text::quote(path)));
  }

 private:
  Result<void> keep(const tar::Entry& entry, tar::Reader& reader, const std::stop_token& stop) {
    // Links have a number as well; directories and devices have none.
    if (entry.type == tar::Type::kSymlink || entry.type == tar::Type::kHardLink)
      kept_.emplace_back(std::string());
    if (entry.type != tar::Type::kFile) return {};
    if (entry.size <= kSmall && entry.size + memory_ <= kMostMemory)
      return keep_in_memory(entry, reader);
    return keep_in_store(entry, reader, stop);
  }

  Result<void> keep_in_memory(const tar::Entry& entry, tar::Reader& reader) {
    std::string text(entry.size, '\0');
    const Buffer all = std::as_writable_bytes(std::span(text));
    for (std::size_t done = 0; done < all.size();)
      done += NACRE_TRY(reader.read(all.subspan(done)));
    memory_ += text.size();
    kept_.emplace_back(std::move(text));
    return {};
  }

  Result<void> keep_in_store(const tar::Entry& entry, tar::Reader& reader,
                             const std::stop_token& stop) {
    oci::Descriptor expected{.size = entry.size};
    const std::string name = NACRE_TRY(member_name(entry.path));
    if (auto digest = digest_of(name)) expected.digest = *std::move(digest);
    const auto ingest = NACRE_TRY(store_.ingest(lease_, expected));
    if (ingest == nullptr) {
      NACRE_TRY(check_size(expected));
      kept_.emplace_back(expected.digest);
      return {};
    }
    // What an earlier, interrupted read has left would have to be skipped here anyway.
    if (ingest->offset() != 0) NACRE_TRY(ingest->restart());
    for (;;) {
      if (stop.stop_requested()) return fail(Error(ErrorCode::kCancelled, "cancelled"));
      const Bytes bytes = NACRE_TRY(reader.view());
      if (bytes.empty()) break;
      NACRE_TRY(ingest->write(bytes));
    }
    if (auto done = ingest->commit(lease_); !done) return fail(as_fault(std::move(done).error()));
    kept_.emplace_back(ingest->digest());
    return {};
  }

  Result<void> check_size(const oci::Descriptor& expected) {
    const auto there = NACRE_TRY(store_.find_blob(expected.digest));
    if (there && there->size == expected.size) return {};
    return fail(invalid_argument(
        text::join("it has ", expected.size, " bytes, but that blob has another number of them")));
  }

  // Bytes that are not what their name says are the archive's fault.
  static Error as_fault(Error error) {
    if (error.code() != ErrorCode::kFailedPrecondition) return error;
    return invalid_argument(error.message());
  }

  Store& store_;
  const Lease& lease_;
  MemberNames names_;
  std::vector<Kept> kept_;
  std::uint64_t memory_ = 0;
};

}  // namespace

Result<std::unique_ptr<Members>> take_stream(Store& store, const Lease& lease, Source& archive,
                                             const std::stop_token& stop) {
  auto members = std::make_unique<StreamMembers>(store, lease);
  NACRE_TRY(members->take(archive, stop));
  return std::unique_ptr<Members>(std::move(members));
}

}  // namespace nacre::images
