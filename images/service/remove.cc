#include "images/service/remove.h"

#include <algorithm>
#include <set>

#include "base/text.h"
#include "images/reference/reference.h"
#include "images/service/names.h"

namespace nacre::images {
namespace {

std::size_t repositories_of(const std::vector<NamedTarget>& names) {
  std::set<std::string> found;
  for (const NamedTarget& name : names) {
    const auto reference = Reference::parse(name.name);
    found.insert(reference ? reference->repository().text() : name.name);
  }
  return found.size();
}

Error refusal(std::string_view as_given, std::string_view reason) {
  return failed_precondition(
      text::join("cannot remove image ", text::quote(as_given), ": ", reason));
}

}  // namespace

Result<RemovePlan> plan_removal(const Resolved& what, std::string_view as_given,
                                const std::vector<std::string>& records,
                                const std::vector<std::string>& in_use, bool force) {
  RemovePlan plan;
  if (what.name != nullptr) {
    plan.names = {what.name->name};
  } else {
    if (repositories_of(what.image->names) > 1 && !force)
      return fail(
          refusal(as_given, "it has names in several repositories; name one of them, or force it"));
    plan.names = records;
  }
  for (const std::string& name : plan.names) {
    if (!is_nameless(name)) plan.untagged.push_back(name);
  }
  plan.deletes = std::ranges::all_of(records, [&](const std::string& record) {
    return std::ranges::find(plan.names, record) != plan.names.end();
  });
  if (plan.deletes && !in_use.empty() && !force)
    return fail(refusal(as_given, text::join("snapshot ", text::quote(in_use.front()),
                                             in_use.size() > 1 ? " and others stand" : " stands",
                                             " on it; force it to remove the name and keep the "
                                             "layers as long as they are used")));
  return plan;
}

}  // namespace nacre::images
