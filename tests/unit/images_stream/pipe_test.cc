// Two threads and what is between them. Nothing here waits for a time: whoever waits is woken by
// what the test is about, or the test hangs.
#include "images/stream/pipe.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "tests/unit/images_stream/streams.h"

namespace nacre::images {
namespace {

constexpr PipeOptions kSmall{.chunks = 2, .chunk_bytes = 64};

TEST(PipeTest, BytesArriveInOrder) {
  const std::string text = mixed_text(500'000, 21);
  for (const std::size_t chunks : std::vector<std::size_t>{1, 2, 5}) {
    Pipe pipe = make_pipe({.chunks = chunks, .chunk_bytes = 1000});
    std::thread writer([&, sink = std::move(pipe.sink)] {
      std::mt19937 random(22);
      std::string_view rest = text;
      while (!rest.empty()) {
        const std::size_t size = std::min<std::size_t>(random() % 3000, rest.size());
        EXPECT_TRUE(sink->write(as_bytes(rest.substr(0, size))));
        rest.remove_prefix(size);
      }
      EXPECT_TRUE(sink->finish());
    });
    EXPECT_EQ(drain(*pipe.source, 777), text);
    writer.join();
  }
}

TEST(PipeTest, WithoutCopies) {
  const std::string text = mixed_text(300'000, 23);
  Pipe pipe = make_pipe({.chunks = 3, .chunk_bytes = 4096});
  std::thread writer([&, sink = std::move(pipe.sink)] {
    MemorySource source(text, 3000);
    for (;;) {
      const auto chunk = sink->reserve();
      ASSERT_TRUE(chunk);
      const auto got = source.read(*chunk);
      ASSERT_TRUE(got);
      sink->commit(*got);
      if (*got == 0) break;
    }
    EXPECT_TRUE(sink->finish());
  });
  std::string seen;
  for (;;) {
    const auto bytes = pipe.source->view();
    ASSERT_TRUE(bytes);
    if (bytes->empty()) break;
    seen += as_text(*bytes);
  }
  writer.join();
  EXPECT_EQ(seen, text);
}

TEST(PipeTest, ReadAndViewMixed) {
  Pipe pipe = make_pipe(kSmall);
  ASSERT_TRUE(pipe.sink->write(as_bytes("0123456789")));
  ASSERT_TRUE(pipe.sink->finish());
  std::string into(4, '-');
  ASSERT_EQ(*pipe.source->read(std::as_writable_bytes(std::span(into))), 4U);
  EXPECT_EQ(into, "0123");
  const auto rest = pipe.source->view();
  ASSERT_TRUE(rest);
  EXPECT_EQ(as_text(*rest), "456789");
  EXPECT_EQ(drain(*pipe.source), "");
}

TEST(PipeTest, WriteThenReserveKeepsTheOrder) {
  Pipe pipe = make_pipe(kSmall);
  ASSERT_TRUE(pipe.sink->write(as_bytes("first ")));
  const auto chunk = pipe.sink->reserve();
  ASSERT_TRUE(chunk);
  const std::string_view second = "second";
  std::copy(second.begin(), second.end(), reinterpret_cast<char*>(chunk->data()));
  pipe.sink->commit(second.size());
  ASSERT_TRUE(pipe.sink->finish());
  EXPECT_EQ(drain(*pipe.source), "first second");
}

TEST(PipeTest, TheWritersErrorComesBehindWhatWasWritten) {
  Pipe pipe = make_pipe(kSmall);
  ASSERT_TRUE(pipe.sink->write(as_bytes("before")));
  pipe.sink->fail(Error(ErrorCode::kUnavailable, "the network is gone"));
  std::string into(100, '-');
  const auto before = pipe.source->read(std::as_writable_bytes(std::span(into)));
  ASSERT_TRUE(before);
  EXPECT_EQ(into.substr(0, *before), "before");
  for (int i = 0; i < 2; ++i) {
    const auto after = pipe.source->read(std::as_writable_bytes(std::span(into)));
    ASSERT_FALSE(after);
    EXPECT_EQ(after.error().code(), ErrorCode::kUnavailable);
    EXPECT_EQ(after.error().message(), "the network is gone");
  }
}

TEST(PipeTest, AWriterThatLeavesWithoutFinishing) {
  Pipe pipe = make_pipe(kSmall);
  std::thread reader([source = std::move(pipe.source)] {
    std::optional<Error> error;
    EXPECT_FALSE(drain(*source, 100, &error));
    ASSERT_TRUE(error);
    EXPECT_EQ(error->code(), ErrorCode::kCancelled);
  });
  pipe.sink.reset();
  reader.join();
}

TEST(PipeTest, TheReadersErrorReachesAWriterThatWaits) {
  Pipe pipe = make_pipe(kSmall);
  std::thread writer([sink = std::move(pipe.sink)] {
    const std::string endless(100'000, 'x');
    const auto written = sink->write(as_bytes(endless));  // far more than fits: it waits
    ASSERT_FALSE(written);
    EXPECT_EQ(written.error().message(), "the disk is full");
    EXPECT_FALSE(sink->finish());
  });
  std::string into(1, '-');
  ASSERT_TRUE(pipe.source->read(std::as_writable_bytes(std::span(into))));
  pipe.source->close(Error(ErrorCode::kResourceExhausted, "the disk is full"));
  writer.join();
  EXPECT_FALSE(pipe.source->read(std::as_writable_bytes(std::span(into))));
}

TEST(PipeTest, AReaderThatLeaves) {
  Pipe pipe = make_pipe(kSmall);
  std::thread writer([sink = std::move(pipe.sink)] {
    const auto written = sink->write(as_bytes(std::string(100'000, 'x')));
    ASSERT_FALSE(written);
    EXPECT_EQ(written.error().code(), ErrorCode::kCancelled);
  });
  pipe.source.reset();
  writer.join();
}

TEST(PipeTest, AReaderThatLeavesWithTheEndHasGivenNothingUp) {
  Pipe pipe = make_pipe(kSmall);
  ASSERT_TRUE(pipe.sink->write(as_bytes("all")));
  ASSERT_TRUE(pipe.sink->finish());
  EXPECT_EQ(drain(*pipe.source), "all");
  pipe.source.reset();
  EXPECT_TRUE(pipe.sink->finish());
}

// finish() has handed over the end when the reader takes it and goes, before finish() returns.
TEST(PipeTest, FinishingAndLeavingMayMeet) {
  for (int round = 0; round < 2000; ++round) {
    Pipe pipe = make_pipe(kSmall);
    std::thread reader([source = std::move(pipe.source)]() mutable {
      EXPECT_EQ(drain(*source), "x");
      source.reset();
    });
    EXPECT_TRUE(pipe.sink->write(as_bytes("x")));
    EXPECT_TRUE(pipe.sink->finish());
    reader.join();
  }
}

TEST(PipeTest, AnEndThatIsGoneFirstIsNoticedLater) {
  Pipe pipe = make_pipe(kSmall);
  pipe.source.reset();
  EXPECT_FALSE(pipe.sink->reserve());
  EXPECT_FALSE(pipe.sink->finish());
  Pipe other = make_pipe(kSmall);
  ASSERT_TRUE(other.sink->write(as_bytes("kept")));
  ASSERT_TRUE(other.sink->finish());
  other.sink.reset();
  EXPECT_EQ(drain(*other.source), "kept");
}

TEST(PipeTest, EndsThatLeaveInAnyOrderAtAnyMoment) {
  std::mt19937 random(24);
  for (int round = 0; round < 500; ++round) {
    Pipe pipe = make_pipe(kSmall);
    const std::size_t to_write = random() % 1000;
    const std::size_t to_read = random() % 1000;
    const bool finishes = random() % 2 == 0;
    std::thread writer([to_write, finishes, sink = std::move(pipe.sink)] {
      for (std::size_t i = 0; i < to_write; i += 10) {
        if (!sink->write(as_bytes("0123456789"))) return;
      }
      if (finishes) static_cast<void>(sink->finish());
    });
    std::thread reader([to_read, source = std::move(pipe.source)]() mutable {
      std::string into(7, '-');
      for (std::size_t seen = 0; seen < to_read;) {
        const auto got = source->read(std::as_writable_bytes(std::span(into)));
        if (!got || *got == 0) break;
        seen += *got;
      }
      source.reset();
    });
    writer.join();
    reader.join();
  }
}

class FailingSource final : public Source {
 public:
  Result<std::size_t> read(Buffer into) override {
    if (++reads_ > 3) return fail(internal_error("the source broke"));
    std::fill(into.begin(), into.end(), std::byte{'x'});
    return into.size();
  }

 private:
  int reads_ = 0;
};

class EndlessSource final : public Source {
 public:
  Result<std::size_t> read(Buffer into) override {
    ++reads;
    return into.size();
  }
  std::atomic<int> reads = 0;
};

TEST(ReadAheadTest, GivesWhatTheSourceGives) {
  const std::string text = mixed_text(3'000'000, 25);
  MemorySource source(text, 100'000);
  const auto ahead = ReadAhead::start(source);
  ASSERT_TRUE(ahead);
  EXPECT_EQ(drain(**ahead, 70'000), text);
}

TEST(ReadAheadTest, ErrorsComeInTheirPlace) {
  FailingSource source;
  const auto ahead = ReadAhead::start(source, {.chunks = 2, .chunk_bytes = 100});
  ASSERT_TRUE(ahead);
  std::string into(1000, '-');
  std::size_t seen = 0;
  for (;;) {
    const auto got = (*ahead)->read(std::as_writable_bytes(std::span(into)));
    if (!got) {
      EXPECT_EQ(got.error().message(), "the source broke");
      break;
    }
    seen += *got;
  }
  EXPECT_EQ(seen, 300U);
}

TEST(ReadAheadTest, CanBeGivenUpWhileTheThreadWaits) {
  EndlessSource source;
  {
    const auto ahead = ReadAhead::start(source, {.chunks = 3, .chunk_bytes = 10});
    ASSERT_TRUE(ahead);
    std::string into(10, '-');
    ASSERT_TRUE((*ahead)->read(std::as_writable_bytes(std::span(into))));
  }
  EXPECT_LE(source.reads, 5);  // one that was read, three that fit, and one under way
}

}  // namespace
}  // namespace nacre::images
