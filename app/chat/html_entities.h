// Character references of HTML in Markdown: "&eacute;", "&#233;", "&#xE9;".
//
// The named ones of HTML 4 and a few more. Pure function, any thread. Source: CommonMark 0.30, 2.5.
#pragma once

#include <QString>

namespace sotto::app {

// The characters that a reference from "&" to ";" stands for; itself where it is not known.
QString decodeEntity(const QString& reference);

}  // namespace sotto::app
