// An archive becomes a blob on two threads:
//
//   write ──hash──►│ pipe │──compress──► ingest (hashes and stores)
//   the caller's            a second thread
#include "base/text.h"
#include "images/compose/compose.h"
#include "images/stream/compress.h"
#include "images/stream/filters.h"
#include "images/stream/hasher.h"
#include "images/stream/pipe.h"
#include "images/stream/thread.h"

namespace nacre::images {
namespace {

Compression stream_kind(oci::Compression kind) {
  switch (kind) {
    case oci::Compression::kGzip:
      return Compression::kGzip;
    case oci::Compression::kZstd:
      return Compression::kZstd;
    case oci::Compression::kNone:
      break;
  }
  return Compression::kNone;
}

std::string_view layer_type(oci::Compression kind) {
  switch (kind) {
    case oci::Compression::kGzip:
      return oci::media::kLayerGzip;
    case oci::Compression::kZstd:
      return oci::media::kLayerZstd;
    case oci::Compression::kNone:
      break;
  }
  return oci::media::kLayer;
}

// Level 0 is no choice here, and ISA-L's own 0 is not offered.
CompressOptions compress_options(const Compressing& compressing) {
  return {.level = compressing.level == 0 ? -1 : compressing.level, .threads = 0};
}

Result<void> compress_all(Source& plain, Sink& to, const Compressing& compressing) {
  const auto packed =
      NACRE_TRY(compress(to, stream_kind(compressing.kind), compress_options(compressing)));
  static_cast<void>(NACRE_TRY(copy(plain, *packed)));
  return packed->finish();
}

// What the writing side found; an error of the pipe only says that the other side has gone.
Result<void> whole_result(Result<void> written, Result<void> packed) {
  if (!packed && packed.error().code() != ErrorCode::kCancelled) return packed;
  if (!written) return written;
  return packed;
}

}  // namespace

Result<LayerBlob> make_layer_blob(Store& store, const Lease& lease,
                                  const std::function<Result<void>(Sink&)>& write,
                                  const Compressing& compressing) {
  const auto ingest = NACRE_TRY(store.ingest(lease, {}));
  CountingSink blob(*ingest);
  Pipe pipe = make_pipe();
  Result<void> packed;
  Thread packer = NACRE_TRY(Thread::start(
      [&, plain = std::shared_ptr<PipeSource>(std::move(pipe.source))]() mutable {
        packed = compress_all(*plain, blob, compressing);
        if (!packed) plain->close(packed.error());
        plain.reset();
      },
      "compresses a layer"));

  Hasher hasher;
  HashingSink hashed(*pipe.sink, hasher);
  CountingSink archive(hashed);
  Result<void> written = write(archive);
  if (written) {
    written = archive.finish();
  } else {
    pipe.sink->fail(Error(ErrorCode::kCancelled, "the layer could not be written"));
  }
  pipe.sink.reset();
  packer.join();
  NACRE_TRY(whole_result(std::move(written), std::move(packed)));
  NACRE_TRY(ingest->commit(lease));

  return LayerBlob{.blob = {.media_type = std::string(layer_type(compressing.kind)),
                            .digest = ingest->digest(),
                            .size = blob.count()},
                   .diff_id = NACRE_TRY(hasher.finish()),
                   .bytes = archive.count()};
}

}  // namespace nacre::images
