#include "cli/render/listing.h"

#include "base/text.h"
#include "cli/render/table.h"
#include "cli/render/template.h"

namespace nacre::cli {
namespace {

constexpr std::string_view kTable = "table";

std::vector<std::string> cells_of(const std::string& line) {
  std::vector<std::string> out;
  for (const std::string_view cell : text::split(line, '\t')) out.emplace_back(cell);
  return out;
}

Result<std::string> as_table(const Listing& listing, std::string_view columns, std::size_t width) {
  const Template line = NACRE_TRY(Template::parse(unescaped(columns)));
  std::vector<Member> titles;
  for (const auto& [field, title] : listing.titles) titles.push_back({field, title});
  Table table;
  table.headers(cells_of(NACRE_TRY(line.render(Value::record(std::move(titles))))));
  for (const Value& row : listing.rows) table.row(cells_of(NACRE_TRY(line.render(row))));
  return table.render(width);
}

std::string as_json(const Listing& listing) {
  std::string out;
  for (const Value& row : listing.rows) text::append(out, row.to_json({}), '\n');
  return out;
}

Result<std::string> as_lines(const Listing& listing, std::string_view format) {
  const Template line = NACRE_TRY(Template::parse(unescaped(format)));
  std::string out;
  for (const Value& row : listing.rows) {
    out += NACRE_TRY(line.render(row));
    out += '\n';
  }
  return out;
}

}  // namespace

std::string unescaped(std::string_view format) {
  std::string out;
  for (std::size_t i = 0; i < format.size(); ++i) {
    const char next = i + 1 < format.size() ? format[i + 1] : '\0';
    if (format[i] == '\\' && (next == 't' || next == 'n')) {
      out += next == 't' ? '\t' : '\n';
      ++i;
    } else {
      out += format[i];
    }
  }
  return out;
}

Result<std::string> render_listing(const Listing& listing, std::string_view format,
                                   std::string_view fallback, std::size_t width) {
  if (format.empty() || format == kTable) format = fallback;
  if (format == "json") return as_json(listing);
  if (format.starts_with(kTable)) {
    const std::string_view columns = text::trim(format.substr(kTable.size()));
    return as_table(listing, columns, width);
  }
  return as_lines(listing, format);
}

}  // namespace nacre::cli
