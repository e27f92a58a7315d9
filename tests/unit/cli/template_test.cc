// --format: what templates give, and what is said about the wrong ones.
#include "cli/render/template.h"

#include <gmock/gmock.h>

#include "cli/render/listing.h"
#include "tests/support/result_matchers.h"

namespace nacre::cli {
namespace {

using nacre::test::Fails;
using testing::HasSubstr;

Value image() {
  return Value::record(
      {{"Id", "sha256:abc"},
       {"RepoTags", Value::texts(std::vector<std::string>{"a:1", "b:2"})},
       {"Size", std::int64_t{1200}},
       {"Empty", ""},
       {"None", Value()},
       {"Config", Value::record({{"Labels", Value::map(std::map<std::string, std::string>{
                                                {"k", "v"}, {"with.dot", "w"}})},
                                 {"Cmd", Value::texts(std::vector<std::string>{"sh", "-c"})}})}});
}

Result<std::string> render(std::string_view text) {
  const auto parsed = Template::parse(text);
  if (!parsed) return fail(parsed.error());
  return parsed->render(image());
}

TEST(TemplateTest, GivesWhatGoGives) {
  const std::pair<const char*, const char*> cases[] = {
      {"{{.Id}}", "sha256:abc"},
      {"<{{ .Config.Cmd }}>", "<[sh -c]>"},
      {"{{json .RepoTags}}", R"(["a:1","b:2"])"},
      {"{{.RepoTags | json}}", R"(["a:1","b:2"])"},
      {"{{index .RepoTags 1}}", "b:2"},
      {"{{index .Config.Labels \"with.dot\"}}", "w"},
      {"{{index .Config.Labels \"absent\"}}", ""},
      {"{{.Config.Labels.k}}", "v"},
      {"{{.Config.Labels.absent}}", "<no value>"},
      {"{{.Config.Labels}}", "map[k:v with.dot:w]"},
      {"{{join .RepoTags \", \"}}", "a:1, b:2"},
      {"{{join .None \",\"}}", ""},
      {"{{range .RepoTags}}[{{.}}]{{end}}", "[a:1][b:2]"},
      {"{{range .None}}x{{else}}nothing{{end}}", "nothing"},
      {"{{range .Config.Labels}}{{.}} {{end}}", "v w "},
      {"{{if .Empty}}yes{{else}}no{{end}}", "no"},
      {"{{if .Empty}}1{{else if .Size}}2{{else}}3{{end}}", "2"},
      {"{{if and .Id (not .Empty)}}both{{end}}", "both"},
      {"{{if eq .Size 1200}}equal{{end}}", "equal"},
      {"{{if eq .Id \"x\" \"sha256:abc\"}}one of{{end}}", "one of"},
      {"{{if gt .Size 1000}}big{{end}}", "big"},
      {"{{with .Config}}{{index .Cmd 0}}{{$.Id}}{{end}}", "shsha256:abc"},
      {"{{upper .Id}} {{.Id | upper | lower}} {{title \"ab cd\"}}", "SHA256:ABC sha256:abc Ab Cd"},
      {"{{slice .Id 7}} {{truncate .Id 6}} {{len .RepoTags}} {{len .Id}}", "abc sha256 2 10"},
      {"{{split .Id \":\" | json}}", R"(["sha256","abc"])"},
      {"{{pad .Id 1 2}}|", " sha256:abc  |"},
      {"{{println .Id 1}}", "sha256:abc 1\n"},
      {"a {{- .Size -}} b", "a1200b"},
      {"{{/* a comment with }} inside */}}x", "x"},
      {"{{\"}}\"}}", "}}"},
      {"{{`a\\n`}}{{\"\\n\\\"\"}}", "a\\n\n\""},
      {"{{(index .RepoTags 0) | len}}", "3"},
      {"{{len (index .Config.Cmd 0)}}", "2"},
      {"{{true}} {{-5}} {{or .Empty \"d\"}}", "true -5 d"},
      {"no actions", "no actions"},
      {"", ""},
  };
  for (const auto& [text, expected] : cases) {
    const auto rendered = render(text);
    ASSERT_TRUE(rendered) << text << ": " << rendered.error().message();
    EXPECT_EQ(*rendered, expected) << text;
  }
}

TEST(TemplateTest, SaysWhatIsWrong) {
  const std::pair<const char*, const char*> cases[] = {
      {"{{.Nope}}", "no field .Nope; there are: Id, RepoTags"},
      {"{{.Config.Nope}}", "there are: Labels, Cmd"},
      {"{{.Id.More}}", "this has no fields"},
      {"{{.Id", "is not closed with }}"},
      {"{{nope .Id}}", "function \"nope\" not defined"},
      {"{{printf \"%s\" .Id}}", "function \"printf\" not defined"},
      {"{{if .Id}}x", "without {{end}}"},
      {"{{if .Id}}x{{else}}y", "without {{end}}"},
      {"{{end}}", "without a beginning"},
      {"{{else}}", "without a beginning"},
      {"{{}}", "a value is missing"},
      {"{{.Id |}}", "a value is missing"},
      {"{{.Id .Size}}", "only a function takes arguments"},
      {"{{$x}}", "variables are not supported"},
      {"{{define \"x\"}}", "{{define}} is not supported"},
      {"{{index .RepoTags 2}}", "index: index out of range: 2 of 2"},
      {"{{index .RepoTags \"x\"}}", "index: it takes a list and a number"},
      {"{{join .Id}}", "join: it does not take 1 argument"},
      {"{{join .Id 1}}", "it takes a list and a text"},
      {"{{pad .Id 1 99999999}}", "a number from 0 to 10000"},
      {"{{pad .Id 1 -1}}", "a number from 0 to 10000"},
      {"{{slice .Id 5 3}}", "out of range"},
      {"{{lt .Id 3}}", "only two numbers or two texts"},
      {"{{range .Id}}x{{end}}", "range wants a list or a map"},
      {"{{\"open}}", "is not closed"},
      {"{{(.Id}}", "a parenthesis is not closed"},
      {"{{.Id)}}", "unexpected \")\""},
      {"{{json json .Id}}", "in parentheses"},
      {"{{99999999999999999999}}", "unexpected"},
  };
  for (const auto& [text, reason] : cases)
    EXPECT_THAT(render(text), Fails(ErrorCode::kInvalidArgument, HasSubstr(reason))) << text;
}

TEST(TemplateTest, DepthIsBounded) {
  std::string open, close;
  for (int i = 0; i < 1000; ++i) {
    open += "{{if .}}";
    close += "{{end}}";
  }
  EXPECT_THAT(render(open + close), Fails(ErrorCode::kInvalidArgument, HasSubstr("too deeply")));
  EXPECT_THAT(render("{{" + std::string(1000, '(') + "."),
              Fails(ErrorCode::kInvalidArgument, testing::_));
  EXPECT_THAT(render("{{" + std::string(1000, '(') + ".Id" + std::string(1000, ')') + "}}"),
              Fails(ErrorCode::kInvalidArgument, HasSubstr("too deeply")));
}

Listing two_rows() {
  Listing out;
  out.titles = {{"Name", "NAME"}, {"Size", "SIZE"}};
  out.rows = {Value::record({{"Name", "a"}, {"Size", "1B"}}),
              Value::record({{"Name", "longer"}, {"Size", "2B"}})};
  return out;
}
constexpr const char* kFallback = "table {{.Name}}\\t{{.Size}}";

TEST(ListingTest, ATableHasTitlesAndAlignedColumns) {
  for (const char* format : {"", "table", "table {{.Name}}\t{{.Size}}"})
    EXPECT_EQ(*render_listing(two_rows(), format, kFallback, 0),
              "NAME      SIZE\na         1B\nlonger    2B\n")
        << format;
  EXPECT_EQ(*render_listing(two_rows(), "table {{.Size}}", kFallback, 0), "SIZE\n1B\n2B\n");
}

TEST(ListingTest, JsonIsALineForEach) {
  EXPECT_EQ(*render_listing(two_rows(), "json", kFallback, 0),
            "{\"Name\":\"a\",\"Size\":\"1B\"}\n{\"Name\":\"longer\",\"Size\":\"2B\"}\n");
}

TEST(ListingTest, ATemplateIsALineForEach) {
  EXPECT_EQ(*render_listing(two_rows(), "{{.Name}}\\t{{.Size}}", kFallback, 0),
            "a\t1B\nlonger\t2B\n");
  EXPECT_THAT(render_listing(two_rows(), "{{.Nope}}", kFallback, 0),
              Fails(ErrorCode::kInvalidArgument, HasSubstr("there are: Name, Size")));
}

TEST(ListingTest, WithoutRowsThereAreOnlyTitles) {
  Listing none = two_rows();
  none.rows.clear();
  EXPECT_EQ(*render_listing(none, "", kFallback, 0), "NAME      SIZE\n");
  EXPECT_EQ(*render_listing(none, "json", kFallback, 0), "");
}

}  // namespace
}  // namespace nacre::cli
