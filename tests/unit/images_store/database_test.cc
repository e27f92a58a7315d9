// Transactions, statements and schemas over SQLite.
#include "images/store/database.h"

#include <atomic>
#include <fstream>
#include <thread>

#include "images/store/list_ids.h"
#include "tests/unit/images_store/fixture.h"

namespace nacre::images {
namespace {

namespace fs = std::filesystem;
using test::code_of;
using test::error_of;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class DatabaseTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = test::temporary_folder() / "nacre-database.XXXXXX";
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
    folder_ = pattern;
    dir_ = sys::DirFd(::open(folder_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    database_ = opened();
    ASSERT_OK(database_->install({"numbers", {kNumbers}}));
  }
  void TearDown() override {
    database_.reset();
    fs::remove_all(folder_);
  }
  std::unique_ptr<Database> opened() {
    auto database = Database::open(folder_, dir_);
    if (!database) throw std::runtime_error(error_of(database));
    return *std::move(database);
  }
  std::vector<std::string> numbers() {
    auto found = database_->read([](Transaction& records) {
      return list_ids(records, "SELECT name FROM numbers ORDER BY name");
    });
    EXPECT_OK(found);
    return found ? *found : std::vector<std::string>();
  }
  Result<void> add(const std::string& name) {
    return database_->write(Durability::kProcess, [&](Transaction& records) {
      return records.run("INSERT INTO numbers VALUES (?1, ?2)", name, name.size());
    });
  }

  static constexpr const char* kNumbers =
      "CREATE TABLE numbers (name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT";
  std::string folder_;
  sys::DirFd dir_;
  std::unique_ptr<Database> database_;
};

TEST_F(DatabaseTest, KeepsWhatWasCommitted) {
  ASSERT_OK(add("one"));
  database_ = opened();
  EXPECT_THAT(numbers(), ElementsAre("one"));
}

TEST_F(DatabaseTest, AnErrorOfTheBodyRollsBack) {
  const auto result = database_->write(Durability::kPowerCut, [](Transaction& records) {
    EXPECT_OK(records.run("INSERT INTO numbers VALUES ('one', 1)"));
    return Result<void>(fail(not_found("on purpose")));
  });
  EXPECT_EQ(error_of(result), "on purpose");
  EXPECT_THAT(numbers(), IsEmpty());
  EXPECT_OK(add("two"));
}

TEST_F(DatabaseTest, ErrorsHaveACodeAndSqlitesText) {
  ASSERT_OK(add("one"));
  const auto twice = add("one");
  EXPECT_EQ(code_of(twice), ErrorCode::kFailedPrecondition);
  EXPECT_THAT(error_of(twice), HasSubstr(folder_ + "/db.sqlite: UNIQUE constraint failed"));
  const auto wrong =
      database_->read([](Transaction& records) { return records.run("SELECT * FROM nowhere"); });
  EXPECT_THAT(error_of(wrong), HasSubstr("no such table: nowhere"));
  const auto type = database_->write(Durability::kProcess, [](Transaction& records) {
    return records.run("INSERT INTO numbers VALUES ('one and a half', 'text')");
  });
  EXPECT_THAT(error_of(type), HasSubstr("cannot store TEXT value in INTEGER column"));
}

TEST_F(DatabaseTest, TooManyValuesAreAnError) {
  const auto result = database_->read([](Transaction& records) {
    return records.run("SELECT name FROM numbers WHERE name = ?1", "a", "b");
  });
  EXPECT_THAT(error_of(result), HasSubstr("out of range"));
}

TEST_F(DatabaseTest, BytesComeBackAsTheyWere) {
  const std::string bytes("a\0\xff\xfe/b", 6);
  const auto result = database_->read([&](Transaction& records) -> Result<std::string> {
    Statement row = NACRE_TRY(records.query("SELECT ?1", BlobView{bytes}));
    if (!NACRE_TRY(row.step())) return fail(not_found("no row"));
    return row.text(0);
  });
  ASSERT_OK(result);
  EXPECT_EQ(*result, bytes);
}

TEST_F(DatabaseTest, TheSameStatementMayRunInsideItself) {
  ASSERT_OK(add("one"));
  ASSERT_OK(add("two"));
  const auto pairs = database_->read([](Transaction& records) -> Result<int> {
    constexpr const char* kAll = "SELECT name FROM numbers";
    int count = 0;
    Statement outer = NACRE_TRY(records.query(kAll));
    while (NACRE_TRY(outer.step())) {
      Statement inner = NACRE_TRY(records.query(kAll));
      while (NACRE_TRY(inner.step())) ++count;
    }
    return count;
  });
  ASSERT_OK(pairs);
  EXPECT_EQ(*pairs, 4);
}

TEST_F(DatabaseTest, ASchemaGrowsStepByStep) {
  const SchemaPart longer = {"numbers", {kNumbers, "ALTER TABLE numbers ADD COLUMN note TEXT"}};
  ASSERT_OK(database_->install(longer));
  ASSERT_OK(database_->install(longer));
  EXPECT_OK(database_->read(
      [](Transaction& records) { return records.run("SELECT note FROM numbers"); }));
}

TEST_F(DatabaseTest, AFailingStepLeavesTheOldSchema) {
  const SchemaPart broken = {
      "numbers", {kNumbers, "CREATE TABLE more (x TEXT) STRICT", "CREATE TABLE broken ("}};
  EXPECT_THAT(error_of(database_->install(broken)),
              HasSubstr("bring the numbers records to format 3"));
  const SchemaPart mended = {"numbers", {kNumbers, "CREATE TABLE more (x TEXT) STRICT"}};
  EXPECT_OK(database_->install(mended));
}

TEST_F(DatabaseTest, ANewerSchemaIsRefused) {
  ASSERT_OK(database_->install({"numbers", {kNumbers, "CREATE TABLE more (x TEXT) STRICT"}}));
  const auto older = database_->install({"numbers", {kNumbers}});
  EXPECT_EQ(code_of(older), ErrorCode::kUnsupported);
  EXPECT_THAT(error_of(older), HasSubstr("its numbers records have format 2"));
}

TEST_F(DatabaseTest, ANewerFormatOfTheFileIsRefused) {
  ASSERT_OK(database_->read([](Transaction& records) { return records.run("SELECT 1"); }));
  database_.reset();
  {
    auto connection = Connection::open(folder_ + "/db.sqlite");
    ASSERT_OK(connection);
    ASSERT_OK((*connection)->run("PRAGMA user_version = 2"));
  }
  EXPECT_EQ(code_of(Database::open(folder_, dir_)), ErrorCode::kUnsupported);
}

TEST_F(DatabaseTest, AnothersFileIsRefused) {
  database_.reset();
  fs::remove(folder_ + "/db.sqlite-wal");
  std::ofstream(folder_ + "/db.sqlite") << std::string(4096, 'x');
  EXPECT_THAT(error_of(Database::open(folder_, dir_)), HasSubstr("file is not a database"));
}

TEST_F(DatabaseTest, ManyThreadsWriteWithoutLosingAnything) {
  constexpr int kThreads = 8;
  constexpr int kEach = 50;
  std::atomic<int> failures = 0;
  std::vector<std::thread> threads;
  for (int thread = 0; thread < kThreads; ++thread) {
    threads.emplace_back([&, thread] {
      for (int i = 0; i < kEach; ++i) {
        if (!add(std::to_string(thread) + "-" + std::to_string(i))) ++failures;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(failures, 0);
  EXPECT_EQ(numbers().size(), static_cast<std::size_t>(kThreads * kEach));
}

TEST_F(DatabaseTest, AReaderSeesOneStateAndWaitsForNobody) {
  ASSERT_OK(add("one"));
  const auto seen = database_->read([&](Transaction& records) -> Result<std::size_t> {
    const auto before = NACRE_TRY(list_ids(records, "SELECT name FROM numbers"));
    std::thread([&] { EXPECT_OK(add("two")); }).join();
    const auto after = NACRE_TRY(list_ids(records, "SELECT name FROM numbers"));
    EXPECT_EQ(before, after);
    return after.size();
  });
  ASSERT_OK(seen);
  EXPECT_EQ(*seen, 1U);
  EXPECT_EQ(numbers().size(), 2U);
}

TEST_F(DatabaseTest, VerifyFindsNothingWrongAndThenDamage) {
  for (int i = 0; i < 2000; ++i) ASSERT_OK(add("name number " + std::to_string(i)));
  auto problems = database_->verify();
  ASSERT_OK(problems);
  EXPECT_THAT(*problems, IsEmpty());
  ASSERT_OK(database_->read([](Transaction& records) { return records.run("SELECT 1"); }));
  database_.reset();
  {
    auto connection = Connection::open(folder_ + "/db.sqlite");
    ASSERT_OK(connection);
    ASSERT_OK((*connection)->run("PRAGMA wal_checkpoint(TRUNCATE)"));
  }
  {
    std::fstream file(folder_ + "/db.sqlite", std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(5 * 4096 + 100);
    file << std::string(2000, '\xee');
  }
  database_ = opened();
  problems = database_->verify();
  EXPECT_TRUE(!problems || !problems->empty());
}

}  // namespace
}  // namespace nacre::images
