// Images without a registry: in, looked at, out, away.
#include <fstream>
#include <nlohmann/json.hpp>

#include "tests/integration/cli_image/fixture.h"

namespace nacre::cli::test {
namespace {

using nlohmann::json;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::MatchesRegex;
using testing::StartsWith;

class BasicsTest : public CliTest {};

TEST_F(BasicsTest, ABusyboxTreeBecomesAnImage) {
  const std::string id =
      without_newline(run({"image", "import", "-q", "-c", "CMD [\"sh\"]", "-c", "ENV A=b", "-m",
                           "from a tree", NACRE_ROOTFS_BUSYBOX, "busybox:1"}));
  EXPECT_THAT(id, MatchesRegex("sha256:[0-9a-f]{64}"));
  EXPECT_THAT(run({"images"}),
              MatchesRegex("REPOSITORY   TAG       IMAGE ID       CREATED +SIZE\n"
                           "busybox      1         [0-9a-f]{12}   [^\n]+ ago +[0-9.]+[kM]B\n"));

  const json image = json::parse(run({"image", "inspect", "busybox:1"})).at(0);
  EXPECT_EQ(image.at("Id"), id);
  EXPECT_THAT(image.at("RepoTags").get<std::vector<std::string>>(), ElementsAre("busybox:1"));
  EXPECT_EQ(image.at("Config").at("Cmd"), json({"sh"}));
  EXPECT_EQ(image.at("Config").at("Env"), json({"A=b"}));
  EXPECT_EQ(image.at("Os"), "linux");
  EXPECT_EQ(image.at("RootFS").at("Layers").size(), 1U);
  EXPECT_GT(image.at("Size").get<std::uint64_t>(), 100'000U);

  EXPECT_THAT(run({"history", "busybox:1"}), StartsWith("IMAGE          CREATED"));
  EXPECT_THAT(run({"history", "--format", "{{.Comment}}", "busybox:1"}), HasSubstr("from a tree"));
}

TEST_F(BasicsTest, OutputOfManyShapes) {
  const std::string id = import_tree("team/app:1.0");
  EXPECT_EQ(run({"images", "--format", "{{.Repository}}:{{.Tag}}"}), "team/app:1.0\n");
  EXPECT_EQ(run({"images", "-q"}), id.substr(7, 12) + "\n");
  EXPECT_EQ(run({"images", "-q", "--no-trunc"}), id + "\n");
  const json row = json::parse(run({"image", "ls", "--format", "json"}));
  for (const char* key : {"Containers", "CreatedAt", "CreatedSince", "Digest", "ID", "Repository",
                          "SharedSize", "Size", "Tag", "UniqueSize", "VirtualSize"})
    EXPECT_TRUE(row.contains(key)) << key;
  EXPECT_THAT(run({"images", "--digests"}), StartsWith("REPOSITORY   TAG       DIGEST"));
  EXPECT_EQ(run({"images", "--format", "table {{.Tag}}\\t{{.Repository}}"}),
            "TAG       REPOSITORY\n1.0       team/app\n");
  EXPECT_EQ(run({"image", "inspect", "-f", "{{.Id}} {{len .RootFS.Layers}}", "team/app:1.0"}),
            id + " 1\n");
}

TEST_F(BasicsTest, NamesAndIdsMeanTheSame) {
  const std::string id = import_tree("app");
  const std::string digest =
      without_newline(run({"image", "inspect", "-f", "{{.Descriptor.digest}}", "app"}));
  for (const std::string& name :
       {std::string("app"), std::string("app:latest"), std::string("docker.io/library/app"), id,
        id.substr(7), id.substr(7, 12), id.substr(0, 20), "app@" + digest, digest})
    EXPECT_EQ(run({"image", "inspect", "-f", "{{.Id}}", name}), id + "\n") << name;
}

TEST_F(BasicsTest, TagsMoveAndTheOldImageStaysWithoutAName) {
  const std::string first = import_tree("app", 'a'), second = import_tree("other", 'b');
  EXPECT_EQ(run({"tag", "other", "app"}), "");
  EXPECT_EQ(run({"image", "inspect", "-f", "{{.Id}}", "app"}), second + "\n");
  EXPECT_EQ(run({"images", "-f", "dangling=true", "-q", "--no-trunc"}), first + "\n");
  EXPECT_THAT(run({"images", "-f", "dangling=true"}), HasSubstr("<none>       <none>"));
  // With a name again it is not dangling any more.
  run({"tag", first, "app:old"});
  EXPECT_EQ(run({"images", "-f", "dangling=true", "-q"}), "");
  EXPECT_EQ(run({"images", "--format", "{{.Tag}}", "app:old"}), "old\n");
}

TEST_F(BasicsTest, RemovingUntagsFirstAndDeletesLast) {
  const std::string id = import_tree("app");
  run({"tag", "app", "app:2"});
  EXPECT_EQ(run({"rmi", "app:2"}), "Untagged: app:2\n");
  EXPECT_EQ(run({"rmi", "app"}), "Untagged: app:latest\nDeleted: " + id + "\n");
  EXPECT_EQ(run({"images", "-q"}), "");
  EXPECT_TRUE(std::filesystem::is_empty(work() / "data/blobs/sha256"));
  EXPECT_TRUE(std::filesystem::is_empty(work() / "data/layers"));
  EXPECT_TRUE(std::filesystem::is_empty(work() / "data/trash"));
}

TEST_F(BasicsTest, AnIdGoesWithItsNamesUnlessTheyAreOfSeveralRepositories) {
  const std::string id = import_tree("app");
  run({"tag", "app", "app:2"});
  run({"tag", "app", "other"});
  EXPECT_THAT(run_failing(1, {"rmi", id}), HasSubstr("names in several repositories"));
  run({"rmi", "other"});
  EXPECT_EQ(run({"rmi", id.substr(7, 12)}),
            "Untagged: app:2\nUntagged: app:latest\nDeleted: " + id + "\n");
  const std::string again = import_tree("app");
  run({"tag", "app", "other"});
  EXPECT_THAT(run({"rmi", "-f", again}), HasSubstr("Deleted: "));
}

TEST_F(BasicsTest, PruneTakesWhatHasNoName) {
  const std::string kept = import_tree("app", 'a'), gone = import_tree("", 'b');
  EXPECT_EQ(nacre({"image", "prune"}).stdin_text("n\n").run().exit_code, 0);
  EXPECT_EQ(run({"images", "-q", "-f", "dangling=true", "--no-trunc"}), gone + "\n");
  const std::string said = run({"image", "prune", "-f"});
  EXPECT_THAT(said, HasSubstr("deleted: " + gone + "\n"));
  EXPECT_THAT(said, HasSubstr("Total reclaimed space: "));
  EXPECT_EQ(run({"images", "-q", "--no-trunc"}), kept + "\n");
  EXPECT_THAT(run({"image", "prune", "-af"}), HasSubstr("deleted: " + kept));
  EXPECT_THAT(run({"image", "prune", "-f"}), HasSubstr("Total reclaimed space: 0B"));
}

TEST_F(BasicsTest, SaveAndLoadGiveTheSameImage) {
  const std::string id = import_tree("app:1");
  const std::string archive = (work() / "app.tar").string();
  EXPECT_EQ(run({"save", "-q", "-o", archive, "app:1"}), "");
  EXPECT_EQ(run({"load", "-q", "-i", archive}, "other"), "Loaded image: app:1\n");
  EXPECT_EQ(run({"images", "-q", "--no-trunc"}, "other"), id + "\n");

  // Through pipes.
  const std::string bytes = run({"save", "app:1"});
  const Outcome piped = nacre({"load"}, "third").stdin_text(bytes).run();
  EXPECT_EQ(piped.exit_code, 0) << describe(piped);
  EXPECT_EQ(run({"images", "-q", "--no-trunc"}, "third"), id + "\n");

  const std::string layout = (work() / "layout").string();
  run({"save", "-q", "--format", "oci-dir", "-o", layout, "app:1"});
  EXPECT_TRUE(std::filesystem::exists(work() / "layout/oci-layout"));
  EXPECT_EQ(run({"load", "-q", "-i", layout, "--name", "renamed"}, "fourth"),
            "Loaded image: renamed:latest\n");
}

TEST_F(BasicsTest, ExportGivesTheTreeBack) {
  import_tree("app", 'a', 5000);
  const std::string archive = (work() / "root.tar").string();
  run({"image", "export", "-q", "-o", archive, "app"});
  std::filesystem::create_directory(work() / "out");
  ASSERT_TRUE(Command({"tar", "-xf", archive, "-C", (work() / "out").string()}).run().ok());
  const Outcome same =
      Command({"diff", "-r", (work() / "tree-a").string(), (work() / "out").string()}).run();
  EXPECT_TRUE(same.ok()) << describe(same);
}

TEST_F(BasicsTest, AnArchiveIsImportedFromAPipe) {
  const auto tree = make_tree("piped");
  const std::string archive = (work() / "piped.tar").string();
  ASSERT_TRUE(Command({"tar", "-cf", archive, "-C", tree.string(), "."}).run().ok());
  std::ifstream in(archive, std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(in), {}};
  const Outcome imported = nacre({"import", "-", "piped"}).stdin_text(bytes).run();
  EXPECT_EQ(imported.exit_code, 0) << describe(imported);
  EXPECT_EQ(run({"images", "--format", "{{.Repository}}"}), "piped\n");
}

TEST_F(BasicsTest, TheSameTreeGivesTheSameImage) {
  const auto tree = make_tree("tree").string();
  const auto import = [&](const std::string& root) {
    return nacre({"import", "-q", tree, "x"}, root)
        .env("SOURCE_DATE_EPOCH", "1700000000")
        .run()
        .out;
  };
  EXPECT_EQ(import("one"), import("two"));
}

TEST_F(BasicsTest, CheckFindsWhatWasBroken) {
  import_tree("app");
  EXPECT_EQ(run({"image", "check", "--deep"}), "No damage found.\n");
  const std::string diff_id =
      without_newline(run({"image", "inspect", "-f", "{{index .RootFS.Layers 0}}", "app"}));
  const auto file = work() / "data/layers" / diff_id.substr(7) / "fs/file";
  ASSERT_TRUE(std::filesystem::remove(file));
  EXPECT_THAT(run_failing(1, {"image", "check", "--deep"}), HasSubstr("--repair"));
  EXPECT_THAT(run({"image", "check", "--deep", "--repair"}), HasSubstr("yes"));
  EXPECT_TRUE(std::filesystem::exists(file));
  EXPECT_EQ(run({"image", "check", "--deep", "--format", "json"}), "[]\n");
}

TEST_F(BasicsTest, FiltersChoose) {
  const auto tree = make_tree("tree").string();
  run({"import", "-q", "-c", "LABEL stage=prod", tree, "a"});
  import_tree("b", 'b');
  EXPECT_EQ(run({"images", "-f", "label=stage=prod", "--format", "{{.Repository}}"}), "a\n");
  EXPECT_EQ(run({"images", "-f", "reference=b*", "--format", "{{.Repository}}"}), "b\n");
}

}  // namespace
}  // namespace nacre::cli::test
