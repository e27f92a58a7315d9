// Whatever an entry is, it is read as it was written; and the same entries give the same bytes.
#include <gtest/gtest.h>

#include "images/tar/writer.h"
#include "tests/unit/images_tar/archives.h"
#include "tests/unit/images_tar/random_entry.h"

namespace nacre::images::tar {
namespace {

struct Made {
  std::vector<Entry> entries;
  std::vector<std::string> data;
  std::string archive;
};

Made make(unsigned seed, int count) {
  RandomEntries random(seed);
  Made made;
  MemorySink sink;
  Writer writer(sink);
  for (int i = 0; i < count; ++i) {
    made.entries.push_back(random.next());
    made.data.push_back(random.bytes(made.entries.back().size));
    EXPECT_TRUE(writer.add(made.entries.back()));
    EXPECT_TRUE(writer.write(as_bytes(made.data.back())));
  }
  EXPECT_TRUE(writer.finish());
  made.archive = sink.take();
  return made;
}

TEST(RoundTripTest, RandomEntries) {
  for (unsigned seed = 1; seed <= 40; ++seed) {
    const Made made = make(seed, 50);
    for (const How how : {How::kRead, How::kView}) {
      const Read all = read_archive(made.archive, 1000 * seed, how);
      ASSERT_FALSE(all.error) << seed << ": " << all.message();
      ASSERT_EQ(all.entries.size(), made.entries.size());
      for (std::size_t i = 0; i < made.entries.size(); ++i) {
        EXPECT_TRUE(all.entries[i] == made.entries[i]) << seed << ' ' << i;
        EXPECT_TRUE(all.data[i] == made.data[i]) << seed << ' ' << i;
      }
    }
  }
}

TEST(RoundTripTest, TheSameEntriesGiveTheSameBytes) {
  for (unsigned seed = 1; seed <= 5; ++seed)
    EXPECT_TRUE(make(seed, 50).archive == make(seed, 50).archive);
}

// Any single byte of an archive may be wrong: an error or another entry, never anything else.
TEST(RoundTripTest, DamagedArchives) {
  const Made made = make(99, 8);
  std::mt19937 random(7);
  for (int round = 0; round < 3000; ++round) {
    std::string damaged = made.archive;
    for (auto i = random() % 3 + 1; i > 0; --i)
      damaged[random() % damaged.size()] = static_cast<char>(random() & 0xFFU);
    const Read all = read_archive(damaged);
    EXPECT_TRUE(!all.error || all.error->code() != ErrorCode::kInternal);
  }
}

}  // namespace
}  // namespace nacre::images::tar
