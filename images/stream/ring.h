// The ring behind a pipe: what the two threads share. A chunk belongs to the writer from
// take_free() until hand_over(), to the reader from take_full() until give_back(); bytes are
// touched outside of the lock.
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "images/stream/stream.h"

namespace nacre::images::detail {

class Ring {
 public:
  Ring(std::size_t chunks, std::size_t chunk_bytes);

  // The writer's side. Waits for a free chunk; the reader's error once it has closed.
  [[nodiscard]] Result<Buffer> take_free();
  void hand_over(std::size_t size);
  // The first one counts. Without an error: the stream is complete.
  void end(std::optional<Error> error);
  [[nodiscard]] Result<void> check_open();

  // The reader's side. Waits for a full chunk; empty at the end.
  [[nodiscard]] Result<Bytes> take_full();
  void give_back();
  void close(Error error);

 private:
  struct Chunk {
    std::unique_ptr<std::byte[]> bytes;
    std::size_t size = 0;
  };

  std::mutex mutex_;
  std::condition_variable writer_may_go_;
  std::condition_variable reader_may_go_;
  const std::size_t chunk_bytes_;
  std::vector<Chunk> chunks_;
  std::size_t first_ = 0;  // the oldest full chunk
  std::size_t full_ = 0;   // how many are
  bool ended_ = false;
  bool end_taken_ = false;  // the reader has seen the end of a complete stream
  std::optional<Error> writer_error_;
  std::optional<Error> reader_error_;  // closed, if there is one
};

}  // namespace nacre::images::detail
