// ParagraphTeller: cuts an answer that is being written into whole paragraphs, for screen readers.
#pragma once

#include <QString>

namespace sotto::app {

class ParagraphTeller {
public:
    // What stands there already is not told.
    void begin(const QString& text = {}) { m_nTold = text.size(); }

    // The paragraphs that are finished and were not told; empty: none.
    QString take(const QString& text, bool isWhole) {
        const qsizetype end = isWhole ? text.size() : text.lastIndexOf(QLatin1String("\n\n"));
        if (end <= m_nTold) return {};
        const QString paragraphs = text.mid(m_nTold, end - m_nTold).trimmed();
        m_nTold = end;
        return paragraphs;
    }

private:
    qsizetype m_nTold = 0;  // characters
};

}  // namespace sotto::app
