// --format: the part of Go's templates that is used with docker.
//
//   {{.Repository}}  {{.Config.Cmd}}  {{.}}  {{$.Id}}         fields
//   {{json .Config}}  {{.ID | upper}}  {{index .RepoTags 0}}   functions and pipes
//   {{if .Tag}}..{{else if ..}}..{{else}}..{{end}}  {{range .RepoTags}}..{{else}}..{{end}}
//   {{with .Config}}..{{end}}  {{- trims -}}  {{/* comment */}}  "text" `text` 12 true
// Functions: json join split lower upper title pad truncate len index slice print println eq ne lt
// le gt ge and or not. Variables, definitions and printf are not supported, and said so.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "cli/render/value.h"

namespace nacre::cli {

namespace template_ast {

struct Pipeline;

struct Operand {
  enum class Kind : std::uint8_t { kDot, kRoot, kLiteral, kFunction, kParenthesis };
  Kind kind = Kind::kDot;
  Value literal;
  std::string function;
  std::shared_ptr<const Pipeline> inner;
  std::vector<std::string> fields;  // .A.B behind it
};
// A function with arguments, or a single operand; the value of the one before comes last.
using Command = std::vector<Operand>;
struct Pipeline {
  std::vector<Command> commands;
};

struct Node {
  enum class Kind : std::uint8_t { kText, kAction, kIf, kRange, kWith };
  Kind kind = Kind::kText;
  std::string text;
  Pipeline pipeline;
  std::vector<Node> body, otherwise;
};

}  // namespace template_ast

class Template {
 public:
  // invalid_argument: `template: ...`, with what stands at fault.
  [[nodiscard]] static Result<Template> parse(std::string_view text);
  [[nodiscard]] Result<std::string> render(const Value& data) const;

 private:
  explicit Template(std::vector<template_ast::Node> nodes) : nodes_(std::move(nodes)) {}
  std::vector<template_ast::Node> nodes_;
};

}  // namespace nacre::cli
