#include "runtime/plan/flatten.h"

#include <gtest/gtest.h>

#include <cstring>

#include "tests/unit/plan/spec_samples.h"

namespace nacre::plan {
namespace {

// Slot -> a number that tells which slot it was.
class FakeNumbers final : public SlotNumbers {
 public:
  int number(Slot slot) const override {
    if (slot.kind == Slot::Kind::kNone) return -1;
    return static_cast<int>(slot.kind) * 100 + static_cast<int>(slot.index);
  }
};

// Reads a block as init does.
class Block {
 public:
  explicit Block(std::string bytes) : bytes_(std::move(bytes)) {}
  init::InitPlan head() const {
    init::InitPlan head;
    std::memcpy(&head, bytes_.data(), sizeof head);
    return head;
  }
  init::Op op(std::uint32_t index) const {
    init::Op op;
    std::memcpy(&op, bytes_.data() + head().ops.offset + index * sizeof op, sizeof op);
    return op;
  }
  std::string text(init::StrRef ref) const { return bytes_.data() + ref.offset; }
  std::string word(init::ListRef list, std::uint32_t index) const {
    init::StrRef ref;
    std::memcpy(&ref, bytes_.data() + list.offset + index * sizeof ref, sizeof ref);
    return text(ref);
  }
  std::size_t size() const { return bytes_.size(); }

 private:
  std::string bytes_;
};

TEST(FlattenTest, EveryOperationArrivesInOrder) {
  oci::Spec spec = small_spec();
  spec.linux_.masked_paths = {"/proc/keys"};
  spec.process->env = {"A=b", "PATH=/bin"};
  const auto plan = make_plan(spec, root_host(), launch_options(), {});
  ASSERT_TRUE(plan);
  const Block block(flatten(*plan, FakeNumbers(), 42));
  EXPECT_EQ(block.head().magic, init::kPlanMagic);
  EXPECT_EQ(block.head().size, block.size());
  EXPECT_EQ(block.head().report_fd, 42);
  ASSERT_EQ(block.head().ops.count, plan->ops.size());
  for (std::uint32_t i = 0; i < plan->ops.size(); ++i) {
    const init::Op op = block.op(i);
    const PlannedOp& planned = plan->ops[i];
    EXPECT_EQ(op.kind, planned.kind);
    EXPECT_EQ(op.stage, planned.stage);
    EXPECT_EQ(op.fd, FakeNumbers().number(planned.slot));
    EXPECT_EQ(op.text.offset == 0, planned.text.empty());
    if (!planned.text.empty()) {
      EXPECT_EQ(block.text(op.text), planned.text);
    }
  }
}

TEST(FlattenTest, ArgumentsAndVariables) {
  oci::Spec spec = small_spec();
  spec.process->args = {"/bin/sh", "-c", ""};
  const auto plan = make_plan(spec, root_host(), launch_options(), {});
  ASSERT_TRUE(plan);
  const Block block(flatten(*plan, FakeNumbers(), 3));
  const init::Op exec = block.op(static_cast<std::uint32_t>(plan->ops.size() - 1));
  ASSERT_EQ(exec.list.count, 3U);
  EXPECT_EQ(block.word(exec.list, 0), "/bin/sh");
  EXPECT_EQ(block.word(exec.list, 2), "");  // an empty argument is one, and has a place
  EXPECT_EQ(block.word(exec.list2, 0), "PATH=/bin");
}

TEST(FlattenTest, WordsAreAlignedForInPlaceReading) {
  const auto plan = make_plan(small_spec(), root_host(), launch_options(), {});
  ASSERT_TRUE(plan);
  const Block block(flatten(*plan, FakeNumbers(), 3));
  for (std::uint32_t i = 0; i < block.head().ops.count; ++i) {
    EXPECT_EQ(block.op(i).list.offset % 8, 0U);
    EXPECT_EQ(block.op(i).text.offset % 8, 0U);
  }
}

}  // namespace
}  // namespace nacre::plan
