// WrapMeter: how many lines a text takes at a width, from the advances of its characters alone.
//
// A thousandth of what laying it out costs. Kerning and shaping are left out, so it may be a line
// off in some dozens: for heights that are corrected when the text is made, and for where a long
// text is folded. GUI thread only.
#pragma once

#include <QFont>
#include <QFontMetricsF>
#include <QStringView>
#include <array>

namespace sotto::app {

// Of Chinese, Japanese or Korean: a line may break at every one, and their font is another.
bool isWide(QChar character);

class WrapMeter {
public:
    WrapMeter() : m_metrics(QFont()) {}

    const QFont& font() const { return m_font; }
    void setFont(const QFont& font);

    // Of text with \n between its paragraphs, at least 1. Stops at `most` lines; `end`, if given,
    // becomes where the last counted line ends.
    int lines(QStringView text, double width, int most = INT_MAX, qsizetype* end = nullptr) const;

private:
    double advance(QChar character) const;

    QFont m_font;
    QFontMetricsF m_metrics;
    mutable std::array<float, 0x250> m_latin{};  // px, 0: not asked for yet
    float m_wide = 0;                            // of a character of Chinese, Japanese or Korean
};

}  // namespace sotto::app
