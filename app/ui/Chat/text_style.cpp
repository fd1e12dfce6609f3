#include "app/ui/Chat/text_style.h"

#include "app/chat/inline_text.h"

namespace sotto::app {

TextStyle::TextStyle(QObject* parent) : QObject(parent) {}

void TextStyle::tellLater() {
    if (m_isTelling) return;
    m_isTelling = true;
    QMetaObject::invokeMethod(
        this,
        [this] {
            m_isTelling = false;
            emit restyled();
        },
        Qt::QueuedConnection);
}

void TextStyle::setFormulas(FormulaCache* formulas) {
    if (formulas == m_formulas) return;
    if (m_formulas != nullptr) m_formulas->disconnect(this);
    m_formulas = formulas;
    if (m_formulas != nullptr)
        connect(m_formulas, &FormulaCache::changed, this, &TextStyle::formulaChanged);
    emit changed();
    tellLater();
}

QTextCharFormat TextStyle::format(quint16 styles, const QString& target) const {
    auto found = m_formats.constFind(styles);
    if (found == m_formats.constEnd()) found = m_formats.insert(styles, make(styles));
    if (!(styles & Link)) return *found;
    QTextCharFormat link = *found;
    link.setAnchor(true);
    link.setAnchorHref(target);
    return link;
}

QTextCharFormat TextStyle::make(quint16 styles) const {
    QTextCharFormat format;
    if (styles & Code || styles & PlainCode)
        format.setFont(m_codeFont, QTextCharFormat::FontPropertiesSpecifiedOnly);
    if (styles & Bold) format.setFontWeight(QFont::DemiBold);
    if (styles & Italic) format.setFontItalic(true);
    if (styles & Strike) format.setFontStrikeOut(true);
    if (styles & Subscript) format.setVerticalAlignment(QTextCharFormat::AlignSubScript);
    if (styles & Superscript) format.setVerticalAlignment(QTextCharFormat::AlignSuperScript);
    if (styles & Link) format.setForeground(m_linkColor);
    const int colour = (styles & ColourMask) >> ColourShift;
    if (colour > 0 && colour <= m_codeColors.size()) format.setForeground(m_codeColors[colour - 1]);
    if (styles & SpaceAfter) {
        format.setFontLetterSpacingType(QFont::AbsoluteSpacing);
        format.setFontLetterSpacing(kChipPadding);
    }
    return format;
}

}  // namespace sotto::app
