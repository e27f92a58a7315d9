// Bytes from one thread to another: a bounded ring of chunks with a sink on one side and a source
// on the other. Each end belongs to one thread at a time; the two may be used, closed and destroyed
// concurrently in any order.
//
//   writer                              reader
//   write, reserve+commit  ── full: wait; chunk by chunk ──►  read, view   (empty: wait)
//   finish                 ──►  0, the end, behind all that was written
//   fail(error)            ──►  that error, behind all that was written
//   destroyed unfinished   ──►  cancelled
//   that error / cancelled ◄──  close(error) / destroyed: from the writer's next call on, and the
//                               call that waits; not once the reader has been given the end
//
// An end that is gone wakes the other one, so neither can wait for ever for a live partner's sake;
// who stops caring must destroy his end.
#pragma once

#include <pthread.h>

#include <memory>

#include "images/stream/stream.h"

namespace nacre::images {

struct PipeOptions {
  std::size_t chunks = 4;  // at least 2, or the two threads take turns
  std::size_t chunk_bytes = kChunk;
};

namespace detail {
class Ring;
}

class PipeSink final : public Sink {
 public:
  explicit PipeSink(std::shared_ptr<detail::Ring> ring) : ring_(std::move(ring)) {}
  ~PipeSink() override;

  // Copies; a chunk is handed over when it is full, the last one by finish().
  [[nodiscard]] Result<void> write(Bytes bytes) override;
  [[nodiscard]] Result<void> finish() override;

  // Without a copy: an empty chunk to fill, and handing over its first `size` bytes (0: it is given
  // back). What write() holds back is handed over first.
  [[nodiscard]] Result<Buffer> reserve();
  void commit(std::size_t size);

  void fail(Error error);

 private:
  std::shared_ptr<detail::Ring> ring_;
  Buffer chunk_;  // being filled by write()
  std::size_t filled_ = 0;
};

class PipeSource final : public Source {
 public:
  explicit PipeSource(std::shared_ptr<detail::Ring> ring) : ring_(std::move(ring)) {}
  ~PipeSource() override;

  [[nodiscard]] Result<std::size_t> read(Buffer into) override;
  // Without a copy: what is left of the current chunk, until the next call. Empty at the end.
  [[nodiscard]] Result<Bytes> view();

  // The writer's calls fail with `error` from now on. Nothing more can be read.
  void close(Error error);

 private:
  [[nodiscard]] Result<Bytes> current();
  void pass(std::size_t size);

  std::shared_ptr<detail::Ring> ring_;
  Bytes rest_;            // of the chunk that is being read
  bool holding_ = false;  // a chunk, to be given back when rest_ is empty
};

struct Pipe {
  std::unique_ptr<PipeSink> sink;
  std::unique_ptr<PipeSource> source;
};
[[nodiscard]] Pipe make_pipe(const PipeOptions& options = {});

// Reads a source on a thread of its own, ahead of whoever reads this: inflating while the other
// thread writes. The thread ends with the stream, with an error, or when this is destroyed, which
// waits until the read of `source` that is under way returns.
class ReadAhead final : public Source {
 public:
  // `source` is borrowed, belongs to the thread from here on, and must outlive the result.
  // resource_exhausted: no thread to be had.
  [[nodiscard]] static Result<std::unique_ptr<ReadAhead>> start(Source& source,
                                                                const PipeOptions& options = {});
  ~ReadAhead() override;
  [[nodiscard]] Result<std::size_t> read(Buffer into) override { return pipe_.source->read(into); }

 private:
  ReadAhead(Source& source, const PipeOptions& options)
      : source_(source), pipe_(make_pipe(options)) {}
  static void* run(void* self);
  void pump();

  Source& source_;
  Pipe pipe_;
  pthread_t thread_{};
};

}  // namespace nacre::images
