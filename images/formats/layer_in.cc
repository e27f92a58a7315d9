#include "images/formats/layer_in.h"

#include <vector>

#include "base/text.h"
#include "images/stream/pipe.h"
#include "images/stream/thread.h"

namespace nacre::images {
namespace {

// Unpacks on a thread of its own what is passed to it. The end of the stream is held back until the
// blob has turned out to be right, so that nothing is recorded of a wrong one.
class Unpacking {
 public:
  Unpacking(const LayerContext& context, const PlannedBlob& planned)
      : context_(context), planned_(planned) {}
  Unpacking(const Unpacking&) = delete;
  Unpacking& operator=(const Unpacking&) = delete;
  ~Unpacking() {
    sink_.reset();
    thread_.join();
  }

  Result<void> start() {
    Pipe pipe = make_pipe();
    source_ = std::move(pipe.source);
    thread_ = NACRE_TRY(Thread::start(
        [this] {
          result_ = context_.store.unpack_stream(context_.lease, planned_.blob, planned_.diff_id,
                                                 *source_);
          source_.reset();  // whoever still writes is told that nobody reads
        },
        "unpacks a layer"));
    sink_ = std::move(pipe.sink);
    return {};
  }

  // The reader may leave early: the layer is there already, or is not a layer.
  void pass(Bytes bytes) {
    if (sink_ && !sink_->write(bytes)) sink_.reset();
  }
  Result<void> finish() {
    // A reader that has left says in its result why.
    if (sink_) static_cast<void>(sink_->finish());
    sink_.reset();
    thread_.join();
    if (!result_) return fail(internal_error("a layer was not unpacked"));
    if (!*result_) return fail(std::move(*result_).error());
    return {};
  }

 private:
  const LayerContext& context_;
  const PlannedBlob& planned_;
  std::unique_ptr<PipeSink> sink_;
  std::unique_ptr<PipeSource> source_;
  std::optional<Result<LayerInfo>> result_;
  Thread thread_;
};

class BlobIn {
 public:
  BlobIn(const LayerContext& context, PlannedBlob& planned, const std::stop_token& stop)
      : context_(context), planned_(planned), stop_(stop) {}

  Result<void> run() {
    tell(Step::kWaiting, 0);
    const auto ingest = NACRE_TRY(context_.store.ingest(context_.lease, planned_.blob));
    if (ingest == nullptr) {
      NACRE_TRY(check_size());
      NACRE_TRY(unpack_from_store());
      tell(Step::kWasThere, planned_.blob.size);
      return {};
    }
    if (planned_.member.empty())
      return fail(not_found(text::join("blob ", planned_.blob.digest.text(), " has been removed")));
    // What an earlier attempt has left is cheaper read again than trusted.
    if (ingest->offset() != 0) NACRE_TRY(ingest->restart());
    // Of a layer without a digest nothing could be recorded while it is read.
    if (unpacks() && !planned_.blob.digest.empty()) {
      NACRE_TRY(stream(*ingest));
    } else {
      NACRE_TRY(take(*ingest, nullptr));
      NACRE_TRY(unpack_from_store());
    }
    tell(Step::kDone, planned_.blob.size);
    return {};
  }

 private:
  [[nodiscard]] bool unpacks() const { return context_.unpack && !planned_.diff_id.empty(); }

  Result<void> stream(Ingest& ingest) {
    Unpacking unpacking(context_, planned_);
    NACRE_TRY(unpacking.start());
    NACRE_TRY(take(ingest, &unpacking));
    tell(Step::kUnpacking, planned_.blob.size);
    return unpacking.finish();
  }

  // Everything into the store, and by the way to whoever unpacks.
  Result<void> take(Ingest& ingest, Unpacking* unpacking) {
    const auto source = NACRE_TRY(context_.members.open(planned_.member));
    std::vector<std::byte> buffer(kChunk);
    std::uint64_t done = 0;
    for (;;) {
      if (stop_.stop_requested()) return fail(Error(ErrorCode::kCancelled, "cancelled"));
      const std::size_t got = NACRE_TRY(source->read(buffer));
      if (got == 0) break;
      const Bytes bytes = Bytes(buffer).first(got);
      if (unpacking != nullptr) unpacking->pass(bytes);
      NACRE_TRY(ingest.write(bytes));
      done += got;
      tell(Step::kTransfer, done);
    }
    NACRE_TRY(ingest.commit(context_.lease));
    planned_.blob.digest = ingest.digest();
    return {};
  }

  // A descriptor may have the right digest and a wrong size.
  Result<void> check_size() {
    const auto there = NACRE_TRY(context_.store.find_blob(planned_.blob.digest));
    if (there && there->size == planned_.blob.size) return {};
    return fail(failed_precondition(text::join("the blob should have ", planned_.blob.size,
                                               " bytes, and has ", there ? there->size : 0)));
  }

  Result<void> unpack_from_store() {
    if (!unpacks()) return {};
    const auto told = [this](std::uint64_t done) { tell(Step::kUnpacking, done); };
    static_cast<void>(
        NACRE_TRY(context_.store.unpack(context_.lease, planned_.blob, planned_.diff_id, told)));
    return {};
  }

  void tell(Step step, std::uint64_t done) const {
    if (context_.progress == nullptr) return;
    const oci::Digest& digest =
        planned_.blob.digest.empty() ? planned_.diff_id : planned_.blob.digest;
    context_.progress->blob({digest, step, done, planned_.blob.size});
  }

  const LayerContext& context_;
  PlannedBlob& planned_;
  const std::stop_token& stop_;
};

}  // namespace

Result<void> bring_blob(const LayerContext& context, PlannedBlob& planned,
                        const std::stop_token& stop) {
  const std::string name =
      planned.member.empty() ? planned.blob.digest.text() : text::quote(planned.member);
  auto brought = BlobIn(context, planned, stop).run();
  if (brought) return {};
  Error error = std::move(brought).error();
  // What is not what was promised is the archive's fault.
  if (error.code() == ErrorCode::kFailedPrecondition) error = invalid_argument(error.message());
  return fail(std::move(error).with_context(text::join("blob ", name)));
}

}  // namespace nacre::images
