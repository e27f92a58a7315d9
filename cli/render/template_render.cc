#include "base/text.h"
#include "cli/render/template.h"
#include "cli/render/template_functions.h"

namespace nacre::cli {
namespace {

using namespace template_ast;

class Run {
 public:
  explicit Run(const Value& root) : root_(root) {}

  Result<void> nodes(const std::vector<Node>& list, const Value& dot) {
    for (const Node& node : list) NACRE_TRY(one(node, dot));
    return {};
  }
  std::string take() && { return std::move(out_); }

 private:
  Result<void> one(const Node& node, const Value& dot) {
    if (node.kind == Node::Kind::kText) {
      out_ += node.text;
      return {};
    }
    const Value value = NACRE_TRY(pipeline(node.pipeline, dot));
    switch (node.kind) {
      case Node::Kind::kText:
        break;
      case Node::Kind::kAction:
        out_ += value.to_text();
        break;
      case Node::Kind::kIf:
        return nodes(value.truth() ? node.body : node.otherwise, dot);
      case Node::Kind::kWith:
        return value.truth() ? nodes(node.body, value) : nodes(node.otherwise, dot);
      case Node::Kind::kRange:
        return range(node, value, dot);
    }
    return {};
  }

  Result<void> range(const Node& node, const Value& value, const Value& dot) {
    if (!value.truth()) return nodes(node.otherwise, dot);
    if (const Value::List* list = value.list()) {
      for (const Value& item : *list) NACRE_TRY(nodes(node.body, item));
      return {};
    }
    if (const auto* members = value.members()) {
      for (const Member& member : *members) NACRE_TRY(nodes(node.body, member.value));
      return {};
    }
    return fail(invalid_argument("template: range wants a list or a map"));
  }

  Result<Value> pipeline(const Pipeline& pipeline, const Value& dot) {
    const Value* before = nullptr;
    Value value;
    for (const Command& command : pipeline.commands) {
      value = NACRE_TRY(this->command(command, dot, before));
      before = &value;
    }
    return value;
  }

  Result<Value> command(const Command& command, const Value& dot, const Value* before) {
    const Operand& first = command.front();
    if (first.kind != Operand::Kind::kFunction) {
      if (before != nullptr)
        return fail(invalid_argument("template: only a function can stand behind |"));
      return operand(first, dot);
    }
    std::vector<Value> arguments;
    for (std::size_t i = 1; i < command.size(); ++i)
      arguments.push_back(NACRE_TRY(operand(command[i], dot)));
    if (before != nullptr) arguments.push_back(*before);
    return NACRE_TRY_CTX(call_template_function(first.function, arguments), "template");
  }

  Result<Value> operand(const Operand& operand, const Value& dot) {
    switch (operand.kind) {
      case Operand::Kind::kLiteral:
        return operand.literal;
      case Operand::Kind::kParenthesis: {
        const Value value = NACRE_TRY(pipeline(*operand.inner, dot));
        return fields(value, operand.fields);
      }
      case Operand::Kind::kRoot:
        return fields(root_, operand.fields);
      case Operand::Kind::kDot:
        return fields(dot, operand.fields);
      case Operand::Kind::kFunction:
        break;
    }
    return fail(invalid_argument("template: a function is no value"));
  }

  static Result<Value> fields(const Value& from, const std::vector<std::string>& names) {
    const Value* at = &from;
    for (const std::string& name : names) {
      const Value* next = at->find(name);
      if (next == nullptr) {
        // A map that lacks a key, and what is nothing at all, give nothing.
        if (at->is_null() || (at->members() != nullptr && !at->is_record())) return Value();
        return fail(no_field(*at, name));
      }
      at = next;
    }
    return *at;
  }

  static Error no_field(const Value& value, const std::string& name) {
    if (!value.is_record())
      return invalid_argument(text::join("template: .", name, ": this has no fields"));
    std::string there;
    for (const Member& member : *value.members())
      text::append(there, there.empty() ? "" : ", ", member.name);
    return invalid_argument(
        text::join("template: there is no field .", name, "; there are: ", there));
  }

  const Value& root_;
  std::string out_;
};

}  // namespace

Result<std::string> Template::render(const Value& data) const {
  Run run(data);
  NACRE_TRY(run.nodes(nodes_, data));
  return std::move(run).take();
}

}  // namespace nacre::cli
