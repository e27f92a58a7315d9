#include "images/stream/filters.h"

#include <gmock/gmock.h>

#include "tests/unit/images_stream/streams.h"

namespace nacre::images {
namespace {

using testing::HasSubstr;

std::string error_of(LimitedSource& source) {
  std::optional<Error> error;
  if (drain(source, 100, &error)) return "no error";
  return error ? error->message() : "the end did not stay";
}

TEST(LimitedSourceTest, ExactlyAsManyAsPromised) {
  for (const std::size_t size : std::vector<std::size_t>{0, 1, 1000}) {
    const std::string text = mixed_text(size, 3);
    MemorySource source(text, 7);
    LimitedSource limited(source, size, "blob");
    EXPECT_EQ(drain(limited, 100), text);
  }
}

TEST(LimitedSourceTest, TooFew) {
  MemorySource source(std::string_view("0123456789"));
  LimitedSource limited(source, 11, "blob x");
  EXPECT_EQ(error_of(limited), "blob x ends after 10 of 11 bytes");
}

TEST(LimitedSourceTest, TooManyIsNoticedAndNotGiven) {
  MemorySource source(std::string_view("0123456789"));
  LimitedSource limited(source, 9, "blob x");
  std::string into(100, '-');
  const auto got = limited.read(std::as_writable_bytes(std::span(into)));
  ASSERT_TRUE(got);
  EXPECT_EQ(*got, 9U);
  EXPECT_EQ(error_of(limited), "blob x goes on after the 9 bytes it should have");
}

TEST(LimitedSourceTest, NothingPromisedAndSomethingThere) {
  MemorySource source(std::string_view("x"));
  LimitedSource limited(source, 0, "blob");
  EXPECT_THAT(error_of(limited), HasSubstr("goes on"));
}

TEST(PrefixSourceTest, LeavesTheRest) {
  MemorySource source(std::string_view("0123456789"), 3);
  PrefixSource prefix(source, 4);
  EXPECT_EQ(drain(prefix, 100), "0123");
  EXPECT_EQ(prefix.left(), 0U);
  EXPECT_EQ(drain(source), "456789");
}

TEST(PrefixSourceTest, AShortStreamEndsEarlier) {
  MemorySource source(std::string_view("01"));
  PrefixSource prefix(source, 4);
  EXPECT_EQ(drain(prefix, 100), "01");
  EXPECT_EQ(prefix.left(), 2U);
}

TEST(CountingTest, CountsWhatPasses) {
  MemorySource memory(std::string_view("0123456789"), 3);
  CountingSource source(memory);
  MemorySink kept;
  CountingSink sink(kept);
  ASSERT_TRUE(copy(source, sink));
  EXPECT_EQ(source.count(), 10U);
  EXPECT_EQ(sink.count(), 10U);
  EXPECT_EQ(kept.text(), "0123456789");
}

TEST(CountingTest, ALimitIsKeptBeforeItIsExceeded) {
  MemorySink kept;
  CountingSink sink(kept, 5);
  ASSERT_TRUE(sink.write(as_bytes("12345")));
  const auto more = sink.write(as_bytes("6"));
  ASSERT_FALSE(more);
  EXPECT_EQ(more.error().code(), ErrorCode::kResourceExhausted);
  EXPECT_EQ(kept.text(), "12345");
}

TEST(TeeTest, ASourceIsCopiedAsItIsRead) {
  MemorySource memory(std::string_view("0123456789"), 3);
  MemorySink copy_of;
  TeeSource tee(memory, copy_of);
  EXPECT_EQ(drain(tee), "0123456789");
  EXPECT_EQ(copy_of.text(), "0123456789");
}

TEST(TeeTest, ASinkThatFailsFailsTheRead) {
  MemorySource memory(std::string_view("0123456789"));
  MemorySink small(3);
  TeeSource tee(memory, small);
  std::string into(100, '-');
  EXPECT_FALSE(tee.read(std::as_writable_bytes(std::span(into))));
}

class FinishSink final : public Sink {
 public:
  Result<void> write(Bytes) override { return {}; }
  Result<void> finish() override {
    ++finished;
    return {};
  }
  int finished = 0;
};

TEST(TeeTest, BothSinksGetEverythingAndTheEnd) {
  MemorySink first;
  MemorySink second;
  TeeSink tee(first, second);
  ASSERT_TRUE(tee.write(as_bytes("abc")));
  EXPECT_EQ(first.text(), "abc");
  EXPECT_EQ(second.text(), "abc");
  FinishSink one;
  FinishSink two;
  TeeSink ends(one, two);
  ASSERT_TRUE(ends.finish());
  EXPECT_EQ(one.finished, 1);
  EXPECT_EQ(two.finished, 1);
}

}  // namespace
}  // namespace nacre::images
