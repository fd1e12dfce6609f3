#include "app/ui/Chat/wrap_meter.h"

namespace sotto::app {

bool isWide(QChar character) {
    constexpr char16_t kFirstWide = 0x2E80;
    return character.unicode() >= kFirstWide && !character.isSurrogate();
}

void WrapMeter::setFont(const QFont& font) {
    m_font = font;
    m_metrics = QFontMetricsF(font);
    m_latin.fill(0);
    m_wide = static_cast<float>(m_metrics.horizontalAdvance(QChar(0x4E2D)));
}

double WrapMeter::advance(QChar character) const {
    const char16_t unit = character.unicode();
    if (unit == u'\t') return 80;  // QTextOption's default
    if (unit >= m_latin.size()) {
        // Half of a pair, or a letter of another script, which is about as wide as a Latin one.
        return isWide(character) ? m_wide : character.isSurrogate() ? m_wide / 2 : m_wide * 0.6;
    }
    float& known = m_latin[unit];
    if (known == 0) known = static_cast<float>(m_metrics.horizontalAdvance(character));
    return known;
}

int WrapMeter::lines(QStringView text, double width, int most, qsizetype* end) const {
    int nLines = 1;
    double x = 0;     // of the line so far, with its last word
    double word = 0;  // of the word so far
    qsizetype wordStart = 0;
    for (qsizetype at = 0; at < text.size(); ++at) {
        const QChar character = text[at];
        if (character == u'\n' || character == QChar::LineSeparator) {
            if (nLines == most) {
                if (end != nullptr) *end = at;
                return nLines;
            }
            ++nLines;
            x = word = 0;
            wordStart = at + 1;
            continue;
        }
        const double step = advance(character);
        if (character == u' ') {  // hangs over the edge, so it breaks nothing
            x += step;
            word = 0;
            wordStart = at + 1;
            continue;
        }
        if (isWide(character)) {
            word = 0;
            wordStart = at;
        }
        x += step;
        word += step;
        if (x <= width) continue;
        if (nLines == most) {
            if (end != nullptr) *end = word < x ? wordStart : at;
            return nLines;
        }
        ++nLines;
        if (word < x) {  // the word goes to the next line
            x = word;
        } else {  // wider than a line: it is broken
            x = word = step;
            wordStart = at;
        }
    }
    if (end != nullptr) *end = text.size();
    return nLines;
}

}  // namespace sotto::app
