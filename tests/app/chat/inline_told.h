// What an inline text says and where it is special, in one line: its breaks as \n.
#pragma once

#include "app/chat/inline_text.h"

namespace sotto::app {

inline QString told(const InlineText& content) {
    QString line = content.text;
    for (const InlineSpan& span : content.spans)
        line += QStringLiteral("{%1+%2 %3 %4}")
                    .arg(span.start)
                    .arg(span.length)
                    .arg(span.styles)
                    .arg(span.target);
    return line.replace(QChar(QChar::LineSeparator), QStringLiteral("\\n"));
}

}  // namespace sotto::app
