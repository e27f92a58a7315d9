#include "images/stream/pipe.h"

#include <algorithm>
#include <cstring>

#include "images/stream/ring.h"

namespace nacre::images {

PipeSink::~PipeSink() {
  ring_->end(Error(ErrorCode::kCancelled, "the other end of the pipe was given up by its writer"));
}

Result<void> PipeSink::write(Bytes bytes) {
  while (!bytes.empty()) {
    if (chunk_.empty()) chunk_ = NACRE_TRY(ring_->take_free());
    const std::size_t size = std::min(bytes.size(), chunk_.size() - filled_);
    std::memcpy(chunk_.data() + filled_, bytes.data(), size);
    filled_ += size;
    bytes = bytes.subspan(size);
    if (filled_ == chunk_.size()) commit(filled_);
  }
  return {};
}

Result<void> PipeSink::finish() {
  if (filled_ > 0) commit(filled_);
  ring_->end(std::nullopt);
  return ring_->check_open();
}

Result<Buffer> PipeSink::reserve() {
  if (filled_ > 0) commit(filled_);
  return ring_->take_free();
}

void PipeSink::commit(std::size_t size) {
  chunk_ = {};
  filled_ = 0;
  if (size > 0) ring_->hand_over(size);
}

void PipeSink::fail(Error error) {
  if (filled_ > 0) commit(filled_);
  ring_->end(std::move(error));
}

PipeSource::~PipeSource() {
  ring_->close(
      Error(ErrorCode::kCancelled, "the other end of the pipe was given up by its reader"));
}

Result<Bytes> PipeSource::current() {
  if (rest_.empty()) {
    if (holding_) ring_->give_back();
    holding_ = false;
    rest_ = NACRE_TRY(ring_->take_full());
    holding_ = !rest_.empty();
  }
  return rest_;
}

Result<std::size_t> PipeSource::read(Buffer into) {
  const Bytes bytes = NACRE_TRY(current());
  const std::size_t size = std::min(into.size(), bytes.size());
  if (size > 0) std::memcpy(into.data(), bytes.data(), size);
  pass(size);
  return size;
}

Result<Bytes> PipeSource::view() {
  const Bytes bytes = NACRE_TRY(current());
  rest_ = {};  // given back by the next call
  return bytes;
}

// The writer gets a chunk back as soon as it is read, not when the next one is asked for.
void PipeSource::pass(std::size_t size) {
  rest_ = rest_.subspan(size);
  if (!rest_.empty() || !holding_) return;
  holding_ = false;
  ring_->give_back();
}

void PipeSource::close(Error error) {
  rest_ = {};
  ring_->close(std::move(error));
}

Pipe make_pipe(const PipeOptions& options) {
  auto ring = std::make_shared<detail::Ring>(options.chunks, options.chunk_bytes);
  Pipe pipe;
  pipe.sink = std::make_unique<PipeSink>(ring);
  pipe.source = std::make_unique<PipeSource>(std::move(ring));
  return pipe;
}

Result<std::unique_ptr<ReadAhead>> ReadAhead::start(Source& source, const PipeOptions& options) {
  std::unique_ptr<ReadAhead> made(new ReadAhead(source, options));
  // Not std::thread: it throws when there is no thread to be had.
  const int error = pthread_create(&made->thread_, nullptr, &ReadAhead::run, made.get());
  if (error != 0) {
    made->thread_ = {};
    return fail(Error::from_errno(Errno{error}, "start a thread that reads ahead"));
  }
  return made;
}

ReadAhead::~ReadAhead() {
  pipe_.source.reset();
  if (thread_ != pthread_t{}) pthread_join(thread_, nullptr);
}

void* ReadAhead::run(void* self) {
  static_cast<ReadAhead*>(self)->pump();
  return nullptr;
}

void ReadAhead::pump() {
  PipeSink& sink = *pipe_.sink;
  for (;;) {
    const auto chunk = sink.reserve();
    if (!chunk) return;  // nobody reads any more
    auto got = source_.read(*chunk);
    if (!got) return sink.fail(std::move(got).error());
    if (*got == 0) {
      static_cast<void>(sink.finish());  // fails only when nobody reads any more
      return;
    }
    sink.commit(*got);
  }
}

}  // namespace nacre::images
