// typed_code: which parts of a typed text are code by Markdown's fences and backticks. For the font
// alone: every character is shown as it is.
//
// Lines end with \n. Pure functions, any thread. Source: CommonMark 0.30, 4.5 and 6.1; a code span
// does not go on over a line's end here.
#pragma once

#include <QString>
#include <QStringView>

#include "app/chat/inline_text.h"

namespace sotto::app {

// Moves `fence` (empty: none is open) over these lines.
void passFences(QStringView lines, QString& fence);

// The lines with their code in PlainCode; `fence` is open where they begin.
InlineText typedCode(const QString& lines, QString fence);

}  // namespace sotto::app
