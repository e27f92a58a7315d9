#include "runtime/plan/flatten.h"

#include <cstring>

namespace nacre::plan {
namespace {

using init::ListRef;
using init::Op;
using init::OpKind;
using init::StrRef;

// Appends to one growing block; offsets are from its start. Everything is aligned to 8 bytes: lists
// hold 64-bit words, and a filter is read in place.
class Arena {
 public:
  std::uint32_t append(const void* bytes, std::size_t size) {
    block_.resize((block_.size() + 7) & ~std::size_t{7}, '\0');
    const auto offset = static_cast<std::uint32_t>(block_.size());
    block_.append(static_cast<const char*>(bytes), size);
    return offset;
  }
  // With its NUL. An empty text has a place too: only an unset StrRef is offset 0.
  StrRef text(const std::string& value) { return {append(value.c_str(), value.size() + 1)}; }

  template <class T>
  ListRef list(const std::vector<T>& items) {
    if (items.empty()) return {};
    return {append(items.data(), items.size() * sizeof(T)),
            static_cast<std::uint32_t>(items.size())};
  }
  ListRef texts(const std::vector<std::string>& values) {
    std::vector<StrRef> refs;
    refs.reserve(values.size());
    for (const std::string& value : values) refs.push_back(text(value));
    return list(refs);
  }
  std::string& block() { return block_; }

 private:
  std::string block_;
};

Op flatten_op(const PlannedOp& planned, const SlotNumbers& numbers, Arena& arena) {
  Op op{.kind = planned.kind,
        .stage = planned.stage,
        .fd = numbers.number(planned.slot),
        .mode = planned.mode,
        .extra = planned.extra,
        .value = planned.value,
        .value2 = planned.value2};
  if (!planned.text.empty() || planned.kind == OpKind::kFindExecutable) {
    op.text = arena.text(planned.text);
  }
  if (!planned.text2.empty() || planned.kind == OpKind::kFindExecutable) {
    op.text2 = arena.text(planned.text2);
  }
  op.list = arena.texts(planned.list);
  op.list2 = arena.texts(planned.list2);
  if (!planned.ids.empty()) op.list = arena.list(planned.ids);
  if (!planned.words.empty()) op.list = arena.list(planned.words);
  // The second descriptor goes where the kind has room for it.
  if (planned.slot2.kind != Slot::Kind::kNone) {
    const int second = numbers.number(planned.slot2);
    if (planned.kind == OpKind::kMask) op.value = static_cast<std::uint64_t>(second);
    if (planned.kind == OpKind::kHook || planned.kind == OpKind::kSeccomp) {
      op.extra = static_cast<std::uint32_t>(second);
    }
  }
  return op;
}

}  // namespace

std::string flatten(const Plan& plan, const SlotNumbers& numbers, int report_fd) {
  Arena arena;
  init::InitPlan head;
  arena.append(&head, sizeof head);
  std::vector<Op> ops;
  ops.reserve(plan.ops.size());
  for (const PlannedOp& planned : plan.ops) ops.push_back(flatten_op(planned, numbers, arena));
  head.ops = arena.list(ops);
  head.report_fd = report_fd;
  head.preserve_fds = plan.preserve_fds;
  head.open_to_parent = plan.open_to_parent ? 1 : 0;
  std::string& block = arena.block();
  head.size = static_cast<std::uint32_t>(block.size());
  std::memcpy(block.data(), &head, sizeof head);
  return std::move(block);
}

}  // namespace nacre::plan
