// Table-driven highlighting of code blocks: keywords, strings, numbers, comments and calls of some
// fifteen languages.
//
// Output is escaped HTML with <span class="k|s|n|c|f">; the colours are the window's. Unknown
// languages get strings and numbers only. Linear in the text; pure function, any thread.
#pragma once

#include <QString>

namespace sotto::app {

QString highlightCode(const QString& code, const QString& language);

}  // namespace sotto::app
