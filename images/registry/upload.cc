#include "images/registry/upload.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "images/registry/reply.h"
#include "images/stream/filters.h"

namespace nacre::images::registry {
namespace {

constexpr std::uint64_t kDefaultChunk = std::uint64_t{16} << 20U;
constexpr std::uint64_t kLargestChunk = std::uint64_t{1} << 30U;
constexpr std::string_view kPushActions = "pull,push";

// The bytes of one request: a part of the blob, told about while they go out.
class PartSource final : public Source {
 public:
  PartSource(std::unique_ptr<Source> source, std::uint64_t offset, std::uint64_t size,
             const std::function<void(std::uint64_t)>& progress)
      : source_(std::move(source)), part_(*source_, size), at_(offset), progress_(progress) {}
  [[nodiscard]] Result<std::size_t> read(Buffer into) override {
    const std::size_t got = NACRE_TRY(part_.read(into));
    at_ += got;
    if (progress_) progress_(at_);
    return got;
  }

 private:
  std::unique_ptr<Source> source_;
  PrefixSource part_;
  std::uint64_t at_;
  const std::function<void(std::uint64_t)>& progress_;
};

// What is to be done next with an upload that has begun.
enum class Next : std::uint8_t { kDone, kGoOn, kAskWhere, kBeginAgain };

class Upload {
 public:
  Upload(Session& session, const oci::Descriptor& blob, const BlobReader& reader,
         const UploadOptions& options)
      : session_(session),
        blob_(blob),
        reader_(reader),
        options_(options),
        where_(text::join("push blob ", blob.digest.short_hex(), " to ", session.base().shown())),
        chunked_(options.chunk_bytes != 0) {}

  Result<Uploaded> run(const std::stop_token& stop) {
    if (NACRE_TRY(exists(stop))) return Uploaded::kWasThere;
    if (NACRE_TRY(mount(stop))) return Uploaded::kMounted;
    auto sent = send(stop);
    if (!sent) {
      cancel();
      return fail(std::move(sent).error());
    }
    return Uploaded::kSent;
  }

 private:
  Result<bool> exists(const std::stop_token& stop) {
    const Call call{.method = "HEAD",
                    .path = "/blobs/" + blob_.digest.text(),
                    .actions = std::string(kPushActions)};
    const auto response = NACRE_TRY(session_.send(call, stop));
    if (response->status() == 404) return false;
    NACRE_TRY(expect_status(*response, {200}, where_));
    return true;
  }

  Call start_call() const {
    Call call{.method = "POST", .path = "/blobs/uploads/", .actions = std::string(kPushActions)};
    if (blob_.digest.algorithm() != "sha256")
      call.query.emplace_back("digest-algorithm", blob_.digest.algorithm());
    return call;
  }

  // A registry that cannot mount begins an upload instead, which is as good as one we begin.
  Result<bool> mount(const std::stop_token& stop) {
    for (const std::string& from : options_.mount_from) {
      if (from == session_.endpoint().repository) continue;
      Call call = start_call();
      call.query.emplace_back("mount", blob_.digest.text());
      call.query.emplace_back("from", from);
      call.more_scopes = {repository_scope(from, "pull")};
      const auto response = session_.send(call, stop);
      // Who may not read the other repository uploads.
      if (!response && response.error().code() == ErrorCode::kPermissionDenied) continue;
      if (!response) return fail(response.error());
      if ((*response)->status() == 201) return true;
      if ((*response)->status() != 202) continue;
      NACRE_TRY(take_location(**response));
      return false;
    }
    return false;
  }

  Result<void> begin(const std::stop_token& stop) {
    const auto response = NACRE_TRY(session_.send(start_call(), stop));
    NACRE_TRY(expect_status(*response, {202}, where_));
    offset_ = 0;
    return take_location(*response);
  }

  // Where the next request goes; every answer may move it. It carries the upload's state.
  Result<void> take_location(const Response& response) {
    const auto location = response.headers().find("Location");
    if (!location && location_) return {};
    if (!location) return fail(failed_precondition(where_ + ": the answer has no Location"));
    Url base = session_.base();
    base.path += "/blobs/uploads/";
    const Url next =
        NACRE_TRY_CTX(resolve_location(location_ ? *location_ : base, *location), where_);
    if (base.tls && !next.tls)
      return fail(Error(ErrorCode::kPermissionDenied,
                        text::join(where_, ": is sent on to plain HTTP: ", next.shown())));
    location_ = next;
    const auto least = response.headers().find("OCI-Chunk-Min-Length");
    if (least) least_chunk_ = text::parse_u64(text::trim(*least)).value_or(0);
    return {};
  }

  Result<void> send(const std::stop_token& stop) {
    Retry retry(session_.retry_policy(),
                static_cast<std::uint32_t>(session_.clock().now().count()));
    Next next = location_ ? Next::kGoOn : Next::kBeginAgain;
    for (;;) {
      const std::uint64_t before = offset_;
      auto outcome = step(next, stop);
      if (outcome && *outcome == Next::kDone) return {};
      if (outcome && *outcome == Next::kGoOn) {
        if (offset_ > before) retry.progressed();
        next = Next::kGoOn;
        continue;
      }
      if (!outcome && outcome.error().code() != ErrorCode::kUnavailable)
        return fail(std::move(outcome).error());
      const Error problem =
          outcome ? Error(ErrorCode::kUnavailable, where_ + ": the upload was interrupted")
                  : std::move(outcome).error();
      next = outcome ? *outcome : Next::kAskWhere;
      if (next == Next::kBeginAgain) {
        cancel();
        location_.reset();
      }
      if (!location_) next = Next::kBeginAgain;
      const auto wait = retry.next(std::nullopt);
      if (!wait) return fail(problem);
      if (!session_.clock().wait(*wait, stop))
        return fail(Error(ErrorCode::kCancelled, where_ + ": cancelled"));
    }
  }

  Result<Next> step(Next next, const std::stop_token& stop) {
    switch (next) {
      case Next::kBeginAgain:
        NACRE_TRY(begin(stop));
        return Next::kGoOn;
      case Next::kAskWhere:
        return ask_where(stop);
      default:
        return chunked_ && offset_ < blob_.size ? patch(stop) : put(stop);
    }
  }

  // What is left, in the closing request.
  Result<Next> put(const std::stop_token& stop) {
    const std::uint64_t size = blob_.size - offset_;
    Call call = body_call("PUT", size);
    call.query.emplace_back("digest", blob_.digest.text());
    const auto response = NACRE_TRY(session_.send(call, stop));
    switch (response->status()) {
      case 413:
        if (size == 0 || chunked_) break;
        chunked_ = true;  // smaller requests may do
        return Next::kAskWhere;
      case 404:
        return Next::kBeginAgain;
      case 416:
        return Next::kAskWhere;
      default:
        break;
    }
    NACRE_TRY(expect_status(*response, {201, 204}, where_));
    const auto told = response->headers().find("Docker-Content-Digest");
    // With another algorithm it may be right all the same.
    if (told && told->starts_with(blob_.digest.algorithm()) && *told != blob_.digest.text())
      return fail(
          failed_precondition(text::join(where_, ": the registry has ", text::quote(*told))));
    return Next::kDone;
  }

  Result<Next> patch(const std::stop_token& stop) {
    const std::uint64_t size = std::min(blob_.size - offset_, chunk_size());
    Call call = body_call("PATCH", size);
    call.headers.set("Content-Range", text::join(offset_, '-', offset_ + size - 1));
    const auto response = NACRE_TRY(session_.send(call, stop));
    if (response->status() == 416) return Next::kAskWhere;
    if (response->status() == 404) return Next::kBeginAgain;
    NACRE_TRY(expect_status(*response, {202, 204}, where_));
    NACRE_TRY(take_location(*response));
    const auto range = response->headers().find("Range");
    const std::uint64_t have =
        range ? parse_upload_range(*range).value_or(offset_ + size) : offset_ + size;
    if (have <= offset_ || have > offset_ + size) return Next::kAskWhere;
    offset_ = have;
    return Next::kGoOn;
  }

  // After an interruption: how much has the registry?
  Result<Next> ask_where(const std::stop_token& stop) {
    const Call call{.location = location_, .actions = std::string(kPushActions)};
    const auto response = NACRE_TRY(session_.send(call, stop));
    // Many registries cannot say; a new upload always can begin.
    if (response->status() != 204 && response->status() != 202 && response->status() != 200)
      return Next::kBeginAgain;
    const auto range = response->headers().find("Range");
    const std::uint64_t have = range ? parse_upload_range(*range).value_or(0) : 0;
    NACRE_TRY(take_location(*response));
    // "0-0" is one byte for some and none for others: only a new upload is sure.
    if (have <= 1 || have > blob_.size) return Next::kBeginAgain;
    offset_ = have;
    chunked_ = true;
    return Next::kGoOn;
  }

  Call body_call(std::string method, std::uint64_t size) const {
    Call call{.method = std::move(method),
              .location = location_,
              .actions = std::string(kPushActions),
              .body_size = size,
              .repeatable = false};
    call.headers.set("Content-Type", "application/octet-stream");
    call.body = [this, size]() -> Result<std::unique_ptr<Source>> {
      auto source = NACRE_TRY(reader_(offset_));
      return std::make_unique<PartSource>(std::move(source), offset_, size, options_.progress);
    };
    return call;
  }

  std::uint64_t chunk_size() const {
    const std::uint64_t wanted = options_.chunk_bytes != 0 ? options_.chunk_bytes : kDefaultChunk;
    return std::min(std::max(wanted, least_chunk_), kLargestChunk);
  }

  // Frees what the registry keeps of an upload that will not be finished. It does so by itself
  // sooner or later, and the error that led here is the one to tell: this one's is not. Not with
  // the caller's stop token, which may be why we are here.
  void cancel() {
    if (!location_) return;
    const Call call{.method = "DELETE",
                    .location = location_,
                    .actions = std::string(kPushActions),
                    .repeatable = false};
    static_cast<void>(session_.send(call, {}));
  }

  Session& session_;
  const oci::Descriptor& blob_;
  const BlobReader& reader_;
  const UploadOptions& options_;
  std::string where_;
  bool chunked_;
  std::optional<Url> location_;
  std::uint64_t offset_ = 0;  // bytes that the registry has
  std::uint64_t least_chunk_ = 0;
};

}  // namespace

Result<Uploaded> upload_blob(Session& session, const oci::Descriptor& blob,
                             const BlobReader& reader, const UploadOptions& options,
                             const std::stop_token& stop) {
  return Upload(session, blob, reader, options).run(stop);
}

}  // namespace nacre::images::registry
