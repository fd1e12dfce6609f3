// Where a Markdown text that is still being written may be cut: what stands before is settled,
// whatever follows.
//
// Errs on the side of too short: a cut is made only before a line at the margin that follows a
// blank one and belongs to no list, fence or indented code begun before. Pure functions, linear in
// the text.
#pragma once

#include <QString>

namespace sotto::app {

struct MarkdownCut {
    qsizetype settled = 0;  // characters before the last place where the text may be cut
    // A link is defined somewhere: it changes text anywhere above, so nothing is settled.
    bool hasDefinition = false;
};

MarkdownCut findMarkdownCut(const QString& text);

}  // namespace sotto::app
