// Rows and documents in Docker's shape.
#include "cli/image/views.h"

#include <gmock/gmock.h>

#include "tests/unit/cli/images.h"

namespace nacre::cli {
namespace {

constexpr const char* kLine = "{{.Repository}} {{.Tag}} {{.Digest}} {{.ID}} {{.Size}}";

std::string lines(const std::vector<images::ImageSummary>& images, const Filters& filters = {},
                  bool whole = false) {
  return *render_listing(list_view(images, filters, {whole, 2000}), kLine, "", 0);
}

TEST(ViewsTest, ARowForEachName) {
  EXPECT_EQ(lines({test::image('a', {"docker.io/library/x:1", "localhost:5000/y:2"})}),
            "x 1 sha256:" + std::string(64, 'e') + " aaaaaaaaaaaa 1.23MB\n" +
                "localhost:5000/y 2 sha256:" + std::string(64, 'e') + " aaaaaaaaaaaa 1.23MB\n");
}

TEST(ViewsTest, WithoutANameThereIsNone) {
  EXPECT_THAT(lines({test::image('a', {})}), testing::StartsWith("<none> <none> sha256:e"));
}

TEST(ViewsTest, ADigestIsNoTag) {
  const std::string pinned = "docker.io/library/x@sha256:" + std::string(64, 'e');
  EXPECT_THAT(lines({test::image('a', {pinned})}), testing::StartsWith("x <none> sha256:"));
  const std::string both = lines({test::image('a', {"docker.io/library/x:1", pinned})});
  EXPECT_EQ(std::ranges::count(both, '\n'), 1) << both;
}

TEST(ViewsTest, ReferencesChooseNames) {
  Filters filters;
  filters.references = {"y"};
  EXPECT_EQ(lines({test::image('a', {"docker.io/library/x:1"}), test::image('b', {})}, filters),
            "");
}

TEST(ViewsTest, WholeIds) {
  EXPECT_THAT(lines({test::image('a', {})}, {}, true),
              testing::HasSubstr("sha256:" + std::string(64, 'a')));
}

TEST(ViewsTest, AnUnreadableImageIsStillThere) {
  auto broken = test::image('a', {"docker.io/library/x:1"});
  broken.problem = "its configuration is missing";
  EXPECT_THAT(lines({broken}), testing::HasSubstr("aaaaaaaaaaaa N/A"));
}

TEST(ViewsTest, HistoryIsDockers) {
  const std::vector<images::HistoryRow> rows = {
      {test::digest('a'), 1000, "CMD\t[\"sh\"]", "note", 0, true},
      {{}, 900, std::string(60, 'x'), "", 5000, false}};
  EXPECT_EQ(
      *render_listing(history_view(rows, {false, 1060}, true),
                      "{{.ID}}|{{.CreatedSince}}|{{.CreatedBy}}|{{.Size}}|{{.Comment}}", "", 0),
      "aaaaaaaaaaaa|About a minute ago|CMD [\"sh\"]|0B|note\n<missing>|2 minutes ago|" +
          std::string(44, 'x') + "…|5kB|\n");
  EXPECT_EQ(*render_listing(history_view(rows, {true, 1060}, false), "{{.CreatedSince}}|{{.Size}}",
                            "", 0),
            "1970-01-01 00:16:40 +0000 UTC|0\n1970-01-01 00:15:00 +0000 UTC|5000\n");
}

TEST(ViewsTest, InspectHasDockersKeys) {
  images::ImageDetails image;
  image.summary = test::image('a', {"docker.io/library/x:1"});
  image.config.created = "2024-05-01T10:00:00Z";
  image.config.platform = {.architecture = "amd64", .os = "linux"};
  image.config.config.cmd = {"sh"};
  image.config.config.exposed_ports = {"80/tcp"};
  image.config.rootfs.diff_ids = {test::digest('d')};
  const std::string json = inspect_view(image).to_json({});
  for (const char* part :
       {"\"Id\":\"sha256:aaa", "\"RepoTags\":[\"x:1\"]", "\"RepoDigests\":[\"x@sha256:eee",
        "\"Created\":\"2024-05-01T10:00:00Z\"", "\"Cmd\":[\"sh\"]",
        "\"ExposedPorts\":{\"80/tcp\":{}}", "\"Architecture\":\"amd64\"", "\"Os\":\"linux\"",
        "\"Size\":1234567", "\"RootFS\":{\"Type\":\"layers\",\"Layers\":[\"sha256:ddd",
        "\"Entrypoint\":null", "\"Nacre\":{\"Manifest\":"})
    EXPECT_THAT(json, testing::HasSubstr(part));
}

}  // namespace
}  // namespace nacre::cli
