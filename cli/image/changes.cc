#include "cli/image/changes.h"

#include <algorithm>
#include <iterator>
#include <optional>
#include <utility>

#include "base/text.h"
#include "oci-spec/json/cursor.h"

namespace nacre::cli {
namespace {

using Words = std::vector<std::string>;

Error wrong(std::string_view reason) { return invalid_argument(std::string(reason)); }

// ["a", "b"]
Result<Words> json_list(std::string_view text) {
  const auto document = NACRE_TRY(json::Document::parse(text));
  const json::Cursor root(document, "");
  NACRE_TRY(root.expect(json::Kind::kArray));
  Words out;
  std::size_t position = 0;
  for (auto i = root.first_child(); i != root.end_of_children(); i = root.next_child(i)) {
    const json::Cursor one = root.element(i, position++);
    NACRE_TRY(one.expect(json::Kind::kString));
    if (one.text().find('\0') != std::string_view::npos)
      return fail(wrong("a word may not contain a NUL character"));
    out.emplace_back(one.text());
  }
  return out;
}

Result<Words> command_words(std::string_view rest) {
  if (rest.starts_with('[')) return json_list(rest);
  return Words{"/bin/sh", "-c", std::string(rest)};
}

// Words divided by blanks; quotes and backslashes as a shell has them, without expansions.
Result<Words> shell_words(std::string_view text) {
  Words out;
  std::string word;
  bool in_word = false;
  char quote = '\0';
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '\\' && quote != '\'' && i + 1 < text.size()) {
      word += text[++i];
      in_word = true;
    } else if (quote != '\0') {
      if (c == quote) {
        quote = '\0';
      } else {
        word += c;
      }
    } else if (c == '"' || c == '\'') {
      quote = c;
      in_word = true;
    } else if (c == ' ' || c == '\t') {
      if (in_word) out.push_back(std::exchange(word, {}));
      in_word = false;
    } else {
      word += c;
      in_word = true;
    }
  }
  if (quote != '\0') return fail(wrong("a quote is not closed"));
  if (in_word) out.push_back(word);
  return out;
}

using Pairs = std::vector<std::pair<std::string, std::string>>;

// KEY=VALUE KEY="VALUE" ...; or, of old, KEY and everything behind the blank.
Result<Pairs> pairs_of(std::string_view rest) {
  const std::size_t blank = rest.find_first_of(" \t");
  if (rest.substr(0, blank).find('=') == std::string_view::npos) {
    if (blank == std::string_view::npos) return fail(wrong("KEY=VALUE is meant"));
    return Pairs{{std::string(rest.substr(0, blank)), std::string(text::trim(rest.substr(blank)))}};
  }
  Pairs out;
  for (const std::string& word : NACRE_TRY(shell_words(rest))) {
    const std::size_t equals = word.find('=');
    if (equals == std::string::npos || equals == 0)
      return fail(wrong(text::join("KEY=VALUE is meant, not ", text::quote(word))));
    out.emplace_back(word.substr(0, equals), word.substr(equals + 1));
  }
  return out;
}

Result<void> change_cmd(std::string_view rest, oci::RunConfig& config) {
  config.cmd = NACRE_TRY(command_words(rest));
  return {};
}
Result<void> change_entrypoint(std::string_view rest, oci::RunConfig& config) {
  config.entrypoint = NACRE_TRY(command_words(rest));
  return {};
}
Result<void> change_env(std::string_view rest, oci::RunConfig& config) {
  for (const auto& [key, value] : NACRE_TRY(pairs_of(rest))) {
    const std::string start = key + "=";
    const auto old = std::ranges::find_if(
        config.env, [&](const std::string& one) { return one.starts_with(start); });
    if (old != config.env.end()) {
      *old = start + value;
    } else {
      config.env.push_back(start + value);
    }
  }
  return {};
}

// "80", "80/udp", "8000-8010/tcp"
Result<void> check_port(const std::string& port) {
  const std::size_t slash = port.find('/');
  if (slash != std::string::npos) {
    const std::string_view protocol = std::string_view(port).substr(slash + 1);
    if (protocol != "tcp" && protocol != "udp" && protocol != "sctp")
      return fail(wrong(
          text::join("the protocol of port ", text::quote(port), " is none of tcp, udp, sctp")));
  }
  const auto ends = text::split(std::string_view(port).substr(0, slash), '-');
  if (ends.size() > 2) return fail(wrong(text::join("no port: ", text::quote(port))));
  for (const std::string_view end : ends) {
    const auto number = text::parse_u32(end);
    if (!number || *number == 0 || *number > 65535)
      return fail(wrong(text::join("no port: ", text::quote(port))));
  }
  return {};
}
Result<void> change_expose(std::string_view rest, oci::RunConfig& config) {
  for (const std::string& port : NACRE_TRY(shell_words(rest))) {
    NACRE_TRY(check_port(port));
    config.exposed_ports.insert(port.find('/') == std::string::npos ? port + "/tcp" : port);
  }
  return {};
}
Result<void> change_label(std::string_view rest, oci::RunConfig& config) {
  for (auto& [key, value] : NACRE_TRY(pairs_of(rest))) config.labels[key] = value;
  return {};
}
Result<void> change_onbuild(std::string_view rest, oci::RunConfig& config) {
  config.on_build.emplace_back(rest);
  return {};
}
Result<void> change_stop_signal(std::string_view rest, oci::RunConfig& config) {
  config.stop_signal = rest;
  return {};
}
Result<void> change_user(std::string_view rest, oci::RunConfig& config) {
  config.user = rest;
  return {};
}
Result<void> change_volume(std::string_view rest, oci::RunConfig& config) {
  const auto read = rest.starts_with('[') ? json_list : shell_words;
  const Words paths = NACRE_TRY(read(rest));
  for (const std::string& path : paths) {
    if (path.empty()) return fail(wrong("a volume has no path"));
    config.volumes.insert(path);
  }
  return {};
}
Result<void> change_workdir(std::string_view rest, oci::RunConfig& config) {
  if (rest.starts_with('/')) {
    config.working_dir = rest;
  } else {
    const std::string base = config.working_dir.empty() ? "/" : config.working_dir;
    config.working_dir = text::join(base, base.ends_with('/') ? "" : "/", rest);
  }
  return {};
}

struct Instruction {
  std::string_view name;
  Result<void> (*apply)(std::string_view, oci::RunConfig&);
};
constexpr Instruction kInstructions[] = {{"CMD", change_cmd},
                                         {"ENTRYPOINT", change_entrypoint},
                                         {"ENV", change_env},
                                         {"EXPOSE", change_expose},
                                         {"LABEL", change_label},
                                         {"ONBUILD", change_onbuild},
                                         {"STOPSIGNAL", change_stop_signal},
                                         {"USER", change_user},
                                         {"VOLUME", change_volume},
                                         {"WORKDIR", change_workdir}};

}  // namespace

Result<void> apply_change(std::string_view text, oci::RunConfig& config) {
  const std::string context = text::join("change ", text::quote(text));
  const std::string_view line = text::trim(text);
  const std::size_t blank = std::min(line.find_first_of(" \t"), line.size());
  std::string name(line.substr(0, blank));
  std::ranges::transform(name, name.begin(), [](char c) {
    return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  });
  const auto* found = std::ranges::find(kInstructions, name, &Instruction::name);
  if (found == std::end(kInstructions))
    return fail(wrong("the instruction is none of CMD, ENTRYPOINT, ENV, EXPOSE, LABEL, ONBUILD, "
                      "STOPSIGNAL, USER, VOLUME, WORKDIR")
                    .with_context(context));
  const std::string_view rest = text::trim(line.substr(blank));
  if (rest.empty())
    return fail(wrong("nothing stands behind the instruction").with_context(context));
  NACRE_TRY_CTX(found->apply(rest, config), context);
  return {};
}

}  // namespace nacre::cli
