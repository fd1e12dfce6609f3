// TextStyle: the fonts and colours of one kind of text, and from them the format of each of its
// parts.
//
// One object per kind, shared by all texts of it (ChatStyle). Its changes come in groups, as the
// theme or the size of text changes, and are told once after them. GUI thread only.
#pragma once

#include <QColor>
#include <QFont>
#include <QHash>
#include <QObject>
#include <QPointer>
#include <QQmlEngine>
#include <QTextCharFormat>

#include "app/formula/formula_cache.h"

namespace sotto::app {

// What the window adds to InlineStyle.
enum ShownStyle : quint16 {
    PlainCode = 1 << 9,  // in the font of code, without the chip
    ColourShift = 10,    // CodeClass + 1, in three bits
    ColourMask = 7 << 10,
    SpaceAfter = 1 << 13,  // before and at the end of a chip, for its padding
};

class TextStyle : public QObject {
    Q_OBJECT
    QML_ELEMENT
    Q_PROPERTY(QFont font MEMBER m_font WRITE setFont NOTIFY changed)
    Q_PROPERTY(QFont codeFont MEMBER m_codeFont WRITE setCodeFont NOTIFY changed)
    Q_PROPERTY(double lineHeight MEMBER m_lineHeight WRITE setLineHeight NOTIFY changed)  // px
    Q_PROPERTY(QColor linkColor MEMBER m_linkColor WRITE setLinkColor NOTIFY changed)
    Q_PROPERTY(QColor chipColor MEMBER m_chipColor WRITE setChipColor NOTIFY changed)
    // Where formulas come from; null: their sources are shown.
    Q_PROPERTY(sotto::app::FormulaCache* formulas READ formulas WRITE setFormulas NOTIFY changed)
    // Of code: keyword, string, number, comment, call.
    Q_PROPERTY(QList<QColor> codeColors MEMBER m_codeColors WRITE setCodeColors NOTIFY changed)

public:
    static constexpr double kChipPadding = 4;  // px, at both ends

    explicit TextStyle(QObject* parent = nullptr);

    const QFont& font() const { return m_font; }
    const QFont& codeFont() const { return m_codeFont; }
    double lineHeight() const { return m_lineHeight; }
    const QColor& chipColor() const { return m_chipColor; }
    FormulaCache* formulas() const { return m_formulas; }
    void setFormulas(FormulaCache* formulas);
    void setFont(const QFont& font) { set(m_font, font); }
    void setCodeFont(const QFont& font) { set(m_codeFont, font); }
    void setLineHeight(double pixels) { set(m_lineHeight, pixels); }
    void setLinkColor(const QColor& color) { set(m_linkColor, color); }
    void setChipColor(const QColor& color) { set(m_chipColor, color); }
    void setCodeColors(const QList<QColor>& colors) { set(m_codeColors, colors); }

    // Of text with these styles (InlineStyle and ShownStyle, or-ed). What is plain has neither font
    // nor colour of its own and follows its item.
    QTextCharFormat format(quint16 styles, const QString& target) const;

signals:
    void changed();
    void restyled();  // once, after all changes that came together
    void formulaChanged(const QString& tex);

private:
    template <typename Value>
    void set(Value& held, const Value& value) {
        if (held == value) return;
        held = value;
        m_formats.clear();
        emit changed();
        tellLater();
    }
    void tellLater();
    QTextCharFormat make(quint16 styles) const;

    QFont m_font;
    QFont m_codeFont;
    double m_lineHeight = 0;
    QColor m_linkColor;
    QColor m_chipColor;
    QList<QColor> m_codeColors;
    QPointer<FormulaCache> m_formulas;
    mutable QHash<quint16, QTextCharFormat> m_formats;
    bool m_isTelling = false;
};

}  // namespace sotto::app
