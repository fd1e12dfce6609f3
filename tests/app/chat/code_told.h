// Highlighted code in one text: {k return} is a keyword, s a string, n a number, c a comment, f a
// call.
#pragma once

#include "app/chat/code_highlighter.h"

namespace sotto::app {

inline QString told(const QList<CodeLine>& lines) {
    QStringList parts;
    for (const CodeLine& line : lines) {
        QString part;
        qsizetype at = 0;
        for (const CodeSpan& span : line.spans) {
            part += line.text.mid(at, span.start - at);
            part += QLatin1Char('{');
            part += QLatin1Char("ksncf"[static_cast<int>(span.kind)]);
            part += QLatin1Char(' ') + line.text.mid(span.start, span.length) + QLatin1Char('}');
            at = span.start + span.length;
        }
        parts.append(part + line.text.mid(at));
    }
    return parts.join(QLatin1Char('\n'));
}

}  // namespace sotto::app
