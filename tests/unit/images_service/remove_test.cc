// What goes when an image is removed.
#include "images/service/remove.h"

#include <gmock/gmock.h>

#include "images/service/names.h"
#include "tests/support/result_matchers.h"
#include "tests/unit/cli/images.h"

namespace nacre::images {
namespace {

using nacre::test::Fails;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

const std::vector<std::string> kNames = {"docker.io/library/a:1", "docker.io/library/a:2"};

TEST(RemoveTest, ANameIsOnlyUntaggedWhileThereAreOthers) {
  const auto image = cli::test::image('a', kNames);
  const auto plan = plan_removal({&image, &image.names[0], image.target}, "a:1", kNames, {}, false);
  ASSERT_TRUE(plan);
  EXPECT_THAT(plan->names, ElementsAre(kNames[0]));
  EXPECT_FALSE(plan->deletes);
}

TEST(RemoveTest, AnIdTakesAllNamesOfOneRepository) {
  const auto image = cli::test::image('a', kNames);
  const auto plan = plan_removal({&image, nullptr, image.target}, "aaaa", kNames, {}, false);
  ASSERT_TRUE(plan);
  EXPECT_EQ(plan->names, kNames);
  EXPECT_TRUE(plan->deletes);
}

TEST(RemoveTest, AnIdInSeveralRepositoriesMustBeForced) {
  const std::vector<std::string> names = {"docker.io/library/a:1", "docker.io/library/b:1"};
  const auto image = cli::test::image('a', names);
  EXPECT_THAT(plan_removal({&image, nullptr, image.target}, "aaaa", names, {}, false),
              Fails(ErrorCode::kFailedPrecondition, HasSubstr("in several repositories")));
  EXPECT_TRUE(plan_removal({&image, nullptr, image.target}, "aaaa", names, {}, true));
}

TEST(RemoveTest, WhatASnapshotStandsOnKeepsItsLastName) {
  const auto image = cli::test::image('a', kNames);
  const Resolved by_name{&image, &image.names[0], image.target};
  EXPECT_TRUE(plan_removal(by_name, "a:1", kNames, {"web"}, false)) << "it has another name";
  EXPECT_THAT(plan_removal(by_name, "a:1", {kNames[0]}, {"web"}, false),
              Fails(ErrorCode::kFailedPrecondition, HasSubstr("snapshot \"web\" stands on it")));
  EXPECT_THAT(plan_removal(by_name, "a:1", {kNames[0]}, {"web", "db"}, false),
              Fails(ErrorCode::kFailedPrecondition, HasSubstr("\"web\" and others stand on it")));
  EXPECT_TRUE(plan_removal(by_name, "a:1", {kNames[0]}, {"web"}, true)->deletes);
}

TEST(RemoveTest, NamelessRecordsAreNotNames) {
  const auto image = cli::test::image('a', {});
  const std::string record = nameless_record(image.target.digest);
  EXPECT_TRUE(is_nameless(record));
  EXPECT_FALSE(is_nameless("docker.io/library/unnamed:1"));
  const auto plan = plan_removal({&image, nullptr, image.target}, "aaaa", {record}, {}, false);
  ASSERT_TRUE(plan);
  EXPECT_THAT(plan->names, ElementsAre(record));
  EXPECT_THAT(plan->untagged, IsEmpty());
}

}  // namespace
}  // namespace nacre::images
