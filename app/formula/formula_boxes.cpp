#include "app/formula/formula_boxes.h"

#include <algorithm>

namespace sotto::app {

namespace {

class BoxMeasurer {
public:
    explicit BoxMeasurer(FormulaFonts& fonts) : m_fonts(fonts) {}

    FormulaBox measured(const KatexNode& node, const InheritedStyle& parent,
                        const QStringList& parentClasses, const QStringList& grandparentClasses) {
        FormulaBox box;
        box.node = &node;
        box.style = inheritedStyle(node, parent, parentClasses, grandparentClasses);
        box.box = boxStyle(node, box.style);
        if (const QColor behind = backgroundIn(node);
            behind.isValid() && !box.style.color.isValid())
            box.style.color = behind.lightnessF() > 0.45 ? Qt::black : Qt::white;
        if (node.svg || box.box.layout == KatexLayout::Nothing) return box;
        if (!node.text.isEmpty()) return setSymbol(std::move(box));
        box.children.reserve(node.children.size());
        for (const KatexNode& child : node.children)
            box.children.push_back(measured(child, box.style, node.classes, parentClasses));
        box.contentWidth = contentWidth(box);
        return box;
    }

private:
    // Of the box that a stack paints behind its other entries, which must be readable on it in
    // every theme; not valid: there is none.
    static QColor backgroundIn(const KatexNode& node) {
        if (!node.hasClass(QLatin1String("vlist"))) return {};
        for (const KatexNode& entry : node.children)
            for (const KatexNode& box : entry.children)
                if (const QString name = box.style.value(QStringLiteral("backgroundColor"));
                    !name.isEmpty())
                    return QColor(name);
        return {};
    }

    static double contentWidth(const FormulaBox& box) {
        if (box.box.width) return *box.box.width;
        if (box.box.layout == KatexLayout::Rule || box.box.layout == KatexLayout::VerticalLine)
            return box.style.fontSize * box.node->em("borderRightWidth").value_or(0);
        if (box.box.layout == KatexLayout::Absolute || box.box.layout == KatexLayout::SideLabel)
            return 0;
        double width = 0;
        for (const FormulaBox& child : box.children) {
            if (box.box.layout == KatexLayout::VerticalList)
                width = std::max(width, child.outerWidth());
            else
                width += child.outerWidth();
        }
        return std::max(width, box.box.minWidth);
    }

    FormulaBox setSymbol(FormulaBox box) {
        const FormulaFace face = formulaFace(box.style);
        for (const char32_t character : box.node->text.toUcs4()) {
            if (character == 0x200b)
                continue;  // zero width space, which only holds a browser's line
            if (const auto glyph = m_fonts.glyph(face, character))
                append(box, character, *glyph);
            else
                append(box, character);
        }
        return box;
    }

    static void append(FormulaBox& box, char32_t character, const FormulaFonts::Glyph& glyph) {
        auto* run = box.runs.empty() ? nullptr : std::get_if<FormulaGlyphs>(&box.runs.back());
        if (!run || run->face != glyph.face) {
            FormulaGlyphs started{
                glyph.face,      box.style.fontSize, QPointF(box.contentWidth, 0), {}, {}, {},
                box.style.color, box.style.isPiece};
            run = &std::get<FormulaGlyphs>(box.runs.emplace_back(std::move(started)));
        }
        run->text += QString::fromUcs4(&character, 1);
        run->indexes.append(glyph.index);
        run->offsets.append(box.contentWidth - run->start.x());
        box.contentWidth += glyph.advance * box.style.fontSize;
    }

    void append(FormulaBox& box, char32_t character) {
        auto* run = box.runs.empty() ? nullptr : std::get_if<FormulaText>(&box.runs.back());
        if (!run) {
            const bool isItalic = box.style.isItalic;
            FormulaText started{
                {},       box.style.fontSize, QPointF(box.contentWidth, 0), 0, box.style.isBold,
                isItalic, box.style.color};
            run = &std::get<FormulaText>(box.runs.emplace_back(std::move(started)));
        }
        run->text += QString::fromUcs4(&character, 1);
        run->width = m_fonts.textWidth(run->text, run->isBold, run->isItalic) * run->size;
        box.contentWidth = run->start.x() + run->width;
    }

    FormulaFonts& m_fonts;
};

}  // namespace

double FormulaBox::outerWidth() const {
    return box.marginLeft + box.paddingLeft + contentWidth + box.paddingRight + box.marginRight;
}

FormulaBox measuredBox(const KatexNode& node, const InheritedStyle& style, FormulaFonts& fonts) {
    return BoxMeasurer(fonts).measured(node, style, {}, {});
}

}  // namespace sotto::app
