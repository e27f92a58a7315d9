#include "images/store/blobs.h"

#include <algorithm>

#include "base/text.h"
#include "images/store/ingest.h"
#include "images/store/records.h"
#include "images/stream/file.h"
#include "images/stream/hasher.h"
#include "images/stream/memory.h"
#include "sys/file.h"

namespace nacre::images {
namespace {

Error no_blob(const oci::Digest& digest) {
  return not_found(text::join("there is no blob ", digest.text()));
}

Result<std::optional<BlobInfo>> recorded(Core& core, const oci::Digest& digest) {
  return core.read([&](Transaction& records) { return records::find_blob(records, digest); });
}

sys::Outcome<UniqueFd> open_file(const Core& core, const oci::Digest& digest) {
  return sys::openat(core.layout.blobs(digest), std::string(digest.hex()).c_str(),
                     O_RDONLY | O_NOFOLLOW);
}

std::vector<oci::Digest> sorted(std::vector<oci::Digest> digests) {
  std::ranges::sort(digests);
  const auto doubles = std::ranges::unique(digests);
  digests.erase(doubles.begin(), doubles.end());
  return digests;
}

}  // namespace

Result<UniqueFd> open_blob(Core& core, const oci::Digest& digest) {
  if (!NACRE_TRY(recorded(core, digest))) return fail(no_blob(digest));
  auto file = open_file(core, digest);
  if (file) return *std::move(file);
  if (file.error().value != ENOENT) {
    return fail(Error::from_errno(file.error(), text::join("open blob ", digest.text())));
  }
  // Nobody kept it and it was collected between the two looks, or it is damage.
  if (!NACRE_TRY(recorded(core, digest))) return fail(no_blob(digest));
  return fail(internal_error(text::join("blob ", digest.text(),
                                        " is recorded, but its file is missing (a check with"
                                        " repair takes the record away)")));
}

Result<std::string> read_document(Core& core, const oci::Digest& digest, std::size_t limit) {
  const UniqueFd file = NACRE_TRY(open_blob(core, digest));
  FileSource source(file, text::join("blob ", digest.text()));
  Hasher hasher(digest);
  HashingSource hashed(source, hasher);
  std::string text =
      NACRE_TRY_CTX(read_text(hashed, limit), text::join("read document ", digest.text()));
  const oci::Digest actual = NACRE_TRY(hasher.finish());
  if (actual == digest) return text;
  return fail(internal_error(
      text::join("blob ", digest.text(), " is damaged: it hashes to ", actual.text())));
}

Result<oci::Descriptor> put_document(Core& core, const Lease& lease, const std::string& media_type,
                                     std::string_view bytes) {
  Hasher hasher;
  hasher.update(as_bytes(bytes));
  oci::Descriptor descriptor;
  descriptor.media_type = media_type;
  descriptor.digest = NACRE_TRY(hasher.finish());
  descriptor.size = bytes.size();
  const auto ingest = NACRE_TRY(FileIngest::open(core, lease, descriptor));
  if (!ingest) return descriptor;
  if (ingest->offset() != 0 && ingest->offset() != bytes.size()) NACRE_TRY(ingest->restart());
  if (ingest->offset() == 0) NACRE_TRY(ingest->write(as_bytes(bytes)));
  NACRE_TRY(ingest->commit(lease));
  return descriptor;
}

Result<void> set_references(Core& core, const oci::Digest& from,
                            const std::vector<oci::Digest>& blobs,
                            const std::vector<oci::Digest>& layers) {
  const records::References references{sorted(blobs), sorted(layers)};
  const auto is_known = [&](Transaction& records) -> Result<bool> {
    if (!NACRE_TRY(records::find_blob(records, from))) return fail(no_blob(from));
    return NACRE_TRY(records::find_references(records, from)) == references;
  };
  if (NACRE_TRY(core.read(is_known))) return {};
  return core.write(Durability::kPowerCut, [&](Transaction& records) -> Result<void> {
    if (!NACRE_TRY(records::find_blob(records, from))) return fail(no_blob(from));
    return records::put_references(records, from, references);
  });
}

Result<std::optional<std::string>> problem_of(Core& core, const BlobInfo& blob, bool deep) {
  using Problem = std::optional<std::string>;
  const auto file = open_file(core, blob.digest);
  if (!file && file.error().value == ENOENT) return Problem("its file is missing");
  if (!file) return Problem(text::join("its file cannot be opened: ", errno_text(file.error())));
  const auto status = NACRE_TRY_CTX(sys::fstatx(*file), text::join("stat ", blob.digest.text()));
  if (status.stx_size != blob.size) {
    return Problem(
        text::join("its file has ", status.stx_size, " bytes, and should have ", blob.size));
  }
  if (!deep) return Problem();
  FileSource source(*file, text::join("blob ", blob.digest.text()));
  Hasher hasher(blob.digest);
  NullSink nowhere;
  HashingSink sink(nowhere, hasher);
  const auto read = copy(source, sink);
  if (!read) return Problem(text::join("it cannot be read: ", read.error().message()));
  const oci::Digest actual = NACRE_TRY(hasher.finish());
  if (actual != blob.digest) return Problem(text::join("it hashes to ", actual.text()));
  return Problem();
}

}  // namespace nacre::images
