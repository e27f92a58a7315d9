#include <gtest/gtest.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "tests/integration/layers/corpus.h"
#include "tests/integration/layers/layer_test.h"

namespace nacre::test::layers {
namespace {

std::vector<Case> all_cases() {
  const std::vector<std::pair<std::string, std::vector<Case>>> groups = {
      {"path", path_cases()},         {"symlink", symlink_cases()},      {"link", link_cases()},
      {"whiteout", whiteout_cases()}, {"replaces", replacement_cases()}, {"kind", kind_cases()}};
  std::vector<Case> all;
  for (const auto& [group, cases] : groups) {
    for (Case one : cases) {
      one.name = group + '_' + one.name;
      all.push_back(std::move(one));
    }
  }
  return all;
}

void replace_all(std::string& in, const std::string& what, const std::string& with) {
  for (std::size_t at = in.find(what); at != std::string::npos; at = in.find(what, at))
    in.replace(at, what.size(), with);
}

std::string deferred_of(const images::Applied& applied) {
  std::string out;
  for (const auto& [link, target] : applied.deferred_links)
    out += (out.empty() ? "" : "\n") + link + " > " + target;
  return out;
}

class Corpus : public LayerTest, public testing::WithParamInterface<Case> {};

// What comes out, what is reported, that the manifest agrees, that nothing outside was touched (see
// TearDown), and that the same comes out again of the layer written from it.
TEST_P(Corpus, GivesThisTree) {
  Case wanted = GetParam();
  const auto applied = apply(wanted.members);
  if (!wanted.error.empty() || !applied) {
    ASSERT_FALSE(applied) << "should be refused: " << wanted.error << "\n" << describe(layer());
    EXPECT_NE(applied.error().message().find(wanted.error), std::string::npos)
        << applied.error().message();
    EXPECT_TRUE(!wanted.error.empty() || wanted.name == "symlink_empty_name")
        << applied.error().message();
    return;
  }
  replace_all(wanted.tree, "@OUT@", outside().string());
  replace_all(wanted.deferred, "@OUT@", outside().string().substr(1));
  const std::string tree = describe(layer());
  if (wanted.tree != kAny) {
    EXPECT_EQ(tree, wanted.tree);
  }
  EXPECT_EQ(deferred_of(*applied), wanted.deferred);
  EXPECT_EQ(differences(layer()), "");
  char value[8];
  for (const char* name : {"redirect", "metacopy", "whiteout"}) {
    for (const auto& entry : fs::recursive_directory_iterator(layer())) {
      EXPECT_LT(::lgetxattr(entry.path().c_str(), ("trusted.overlay." + std::string(name)).c_str(),
                            value, sizeof value),
                0)
          << entry.path();
      EXPECT_LT(::lgetxattr(entry.path().c_str(), ("user.overlay." + std::string(name)).c_str(),
                            value, sizeof value),
                0)
          << entry.path();
    }
  }

  const fs::path again = new_directory("again");
  const std::string written = write(layer());
  const auto reapplied = apply_bytes(written, again);
  ASSERT_TRUE(reapplied) << reapplied.error().message();
  EXPECT_EQ(describe_fully(again), describe_fully(layer()));
  EXPECT_EQ(write(again), written);
}

INSTANTIATE_TEST_SUITE_P(Crafted, Corpus, testing::ValuesIn(all_cases()),
                         [](const testing::TestParamInfo<Case>& one) { return one.param.name; });

// A table that lost its cases would pass.
TEST(CorpusSize, IsWhatItWas) { EXPECT_GE(all_cases().size(), 200U); }

}  // namespace
}  // namespace nacre::test::layers
