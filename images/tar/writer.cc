#include "images/tar/writer.h"

#include <algorithm>
#include <cstring>

#include "base/text.h"
#include "images/stream/memory.h"
#include "images/tar/encode.h"
#include "images/tar/header.h"

namespace nacre::images::tar {
namespace {

constexpr std::size_t kCapacity = kChunk;
// What is larger goes past the buffer.
constexpr std::size_t kDirect = std::size_t{64} << 10U;

}  // namespace

Writer::Writer(Sink& sink)
    : sink_(sink), buffer_(std::make_unique_for_overwrite<std::byte[]>(kCapacity)) {}

Result<void> Writer::add(const Entry& entry) {
  if (owed_ > 0)
    return fail(
        failed_precondition(text::join("tar archive: ", owed_, " bytes of the entry before ",
                                       text::quote(entry.path), " are missing")));
  const std::string headers =
      NACRE_TRY_CTX(encode_headers(entry), text::join("tar archive, ", text::quote(entry.path)));
  NACRE_TRY(append(as_bytes(headers)));
  owed_ = entry.size;
  padding_ = (kBlock - entry.size % kBlock) % kBlock;
  return {};
}

Result<void> Writer::write(Bytes bytes) {
  if (bytes.size() > owed_)
    return fail(failed_precondition(
        text::join("tar archive: ", bytes.size() - owed_, " bytes more than the entry announced")));
  owed_ -= bytes.size();
  NACRE_TRY(append(bytes));
  if (owed_ > 0) return {};
  return append_zeros(std::exchange(padding_, 0));
}

Result<void> Writer::finish() {
  if (owed_ > 0)
    return fail(failed_precondition(
        text::join("tar archive: ", owed_, " bytes of the last entry are missing")));
  NACRE_TRY(append_zeros(2 * kBlock));
  return flush();
}

Result<void> Writer::append(Bytes bytes) {
  if (bytes.size() > kCapacity - filled_) NACRE_TRY(flush());
  if (bytes.size() >= kDirect) {
    NACRE_TRY(flush());
    return sink_.write(bytes);
  }
  if (!bytes.empty()) std::memcpy(buffer_.get() + filled_, bytes.data(), bytes.size());
  filled_ += bytes.size();
  return {};
}

Result<void> Writer::append_zeros(std::uint64_t size) {
  static constexpr std::byte kZeros[2 * kBlock] = {};
  return append(Bytes(kZeros, size));
}

Result<void> Writer::flush() {
  if (filled_ == 0) return {};
  const Bytes held(buffer_.get(), std::exchange(filled_, 0));
  return sink_.write(held);
}

}  // namespace nacre::images::tar
