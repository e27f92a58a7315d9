# Reads the JUnit files that `ctest --output-junit` writes and prints one line per test:
#   <passed|failed|skipped> TAB <name> TAB <reason, for a skipped or failed one>
# A skipped test gives the text of its GTEST_SKIP. Skipped is only what skipped itself: a test that CTest could not run,
# or that a sanitizer complained about after the skip (CTest looks at no exit status then), has failed.
function unescape(text) {
  gsub(/&lt;/, "<", text)
  gsub(/&gt;/, ">", text)
  gsub(/&quot;/, "\"", text)
  gsub(/&apos;/, "'", text)
  gsub(/&amp;/, "\\&", text)
  return text
}

function attribute(name, text) {
  if (!match(text, name "=\"[^\"]*\"")) return ""
  return unescape(substr(text, RSTART + length(name) + 2, RLENGTH - length(name) - 3))
}

function report(verdict, why) {
  verdict = "failed"
  why = ""
  if (status == "run") {
    verdict = "passed"
  } else if (status == "disabled") {
    verdict = "skipped"
    why = "disabled in the source"
  } else if (status == "notrun" && message ~ /^SKIP_/ && !sanitizer) {
    verdict = "skipped"
    why = reason == "" ? "no reason given" : reason
  } else if (status == "notrun" && !(message ~ /^SKIP_/)) {
    why = message
  } else if (sanitizer) {
    why = "a sanitizer's complaint"
  }
  print verdict "\t" test "\t" why
}

/^\t<testcase / {
  test = attribute("name", $0)
  status = attribute("status", $0)
  message = reason = ""
  sanitizer = in_reason = 0
}
/^\t\t<skipped message=/ { message = attribute("message", $0) }
/ERROR: [A-Za-z]*Sanitizer|: runtime error: / { sanitizer = 1 }
/^\[  SKIPPED \]/ { in_reason = 0 }
in_reason && NF { reason = reason (reason == "" ? "" : " ") unescape($0) }
/^[^ ]+:[0-9]+: Skipped$/ { in_reason = 1 }
/^\t<\/testcase>/ { report() }
