// What of a model card (README.md) is shown: its Markdown without the front matter, and without
// what a card has of HTML.
//
// Cards are written for a browser: centred divisions, pictures, links and headings as tags. Of
// those that are known the text stays: a picture becomes its description, a link and a heading
// Markdown. Scripts, styles and comments go with their content. A tag that is not known is text,
// and code is left as it is. Nothing is ever fetched, and nothing is markup of ours: what comes out
// is read as any answer's Markdown (markdown_blocks.h). Pure, linear in the text, any thread.
#pragma once

#include <QString>
#include <string>

namespace sotto::app {

// `readme`: UTF-8; what is none of it becomes U+FFFD.
QString cardMarkdown(const std::string& readme);

// A card has some hundred blocks; what is sent to freeze a window has one per line.
inline constexpr qsizetype kMostCardBlocks = 1000;

// Cuts what has more of them, at the end of a line. True: nothing was cut.
bool cutCard(QString& markdown);

}  // namespace sotto::app
