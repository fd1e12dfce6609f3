// Emphasis beside CJK text.
//
// Source: the CommonMark CJK-friendly Amendments Specification (markdown-cjk-friendly), 2.1 and
// 6.2: CJK punctuation is no punctuation to the flanking of a run of *, and a CJK character beside
// the run is as good as a blank. Pure functions, any thread.
#pragma once

#include <QByteArray>
#include <vector>

namespace sotto::app {

// Byte offsets of the UTF-8 text, ascending, where a letter would make CommonMark read a run of *
// as the amendments do: right before a run that may close then, right behind one that may open.
std::vector<qsizetype> cjkJoins(const QByteArray& utf8);

}  // namespace sotto::app
