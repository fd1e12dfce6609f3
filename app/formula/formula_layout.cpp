#include "app/formula/formula_layout.h"

#include <algorithm>
#include <map>

#include "app/formula/formula_boxes.h"
#include "app/formula/svg_path.h"

namespace sotto::app {

namespace {

// Between the lines of a formula that is broken by \\, and between a formula and its tag.
constexpr double kLineGap = 0.3;
constexpr double kTagGap = 2;
// What ideographs take above and below their baseline, which KaTeX does not know.
constexpr double kTextAscent = 0.88;
constexpr double kTextDescent = 0.12;
// Labels beside the arrows of commutative diagrams, in em of the label.
constexpr double kLabelGap = 0.3;
constexpr double kLabelDescent = 0.3514;

// Where something stands: the left edge and width of what "100%" means there, and the baseline.
struct Place {
    double left;
    double baseline;
    double frameWidth;
};

// Second pass: emits the marks of measured boxes.
class Placer {
public:
    explicit Placer(FormulaPicture& picture) : m_picture(picture) {}

    void place(const FormulaBox& box, Place at) {
        at.left += box.box.marginLeft + box.box.left;
        at.baseline += box.box.top;
        switch (box.box.layout) {
            case KatexLayout::Nothing: return;
            case KatexLayout::Inline:
                placeSymbol(box, at);
                placeRow(box, {at.left + box.box.paddingLeft, at.baseline,
                               box.box.width.value_or(at.frameWidth)});
                return;
            case KatexLayout::VerticalList: placeList(box, at); return;
            case KatexLayout::Lap:
                for (const FormulaBox& child : box.children)
                    place(child, {at.left - box.box.lapShare * child.outerWidth(), at.baseline, 0});
                return;
            case KatexLayout::FullWidth: {
                const double width = std::max(at.frameWidth, box.box.minWidth);
                placeLines(box, at, width);
                placeRow(box, {at.left, at.baseline, width});
                return;
            }
            case KatexLayout::Absolute:
                placeRow(box, {at.left + box.box.shareLeft * at.frameWidth, at.baseline,
                               box.box.shareWidth * at.frameWidth});
                return;
            case KatexLayout::Rule: {
                const double height =
                    box.style.fontSize * box.node->em("borderTopWidth").value_or(0);
                rule(box, QRectF(at.left, at.baseline - height, box.contentWidth, height));
                return;
            }
            case KatexLayout::VerticalLine: {
                const double bottom =
                    at.baseline - box.style.fontSize * box.node->em("verticalAlign").value_or(0);
                rule(box,
                     QRectF(at.left, bottom - box.box.height, box.contentWidth, box.box.height),
                     box.node->style.value(QStringLiteral("borderRightStyle")) == u"dashed");
                return;
            }
            case KatexLayout::SideLabel: return;  // stands only beside an arrow, see placeRow
        }
    }

private:
    void placeRow(const FormulaBox& box, Place at) {
        const Place start = at;
        for (const FormulaBox& child : box.children) {
            if (child.node->svg)
                placeSvg(*child.node->svg, box, at);
            else if (child.box.layout == KatexLayout::SideLabel)
                placeSideLabel(child, box, start);
            else
                place(child, at);
            at.left += child.outerWidth();
        }
    }

    // Beside the middle of an arrow in a commutative diagram; the style's "bottom" counts from the
    // arrow's lower end to the end of the label's line, which lies kLabelDescent below its
    // baseline.
    void placeSideLabel(const FormulaBox& label, const FormulaBox& arrow, const Place& at) {
        const double em = label.style.fontSize;
        double width = 0;
        for (const FormulaBox& child : label.children) width += child.outerWidth();
        const bool isLeft = label.node->hasClass(QLatin1String("cd-label-left"));
        const double gap = kLabelGap * em;
        const double left = at.left + arrow.contentWidth / 2 + (isLeft ? -gap - width : gap);
        const double bottom = at.baseline + arrow.node->depth * arrow.style.fontSize;
        placeRow(label, {left, bottom + label.box.top - kLabelDescent * em, width});
    }

    void placeSymbol(const FormulaBox& box, const Place& at) {
        if (box.style.isHidden) return;
        const QPointF start(at.left + box.box.paddingLeft, at.baseline);
        if (!box.style.shadow.isNull())
            emitRuns(box, start + box.style.shadow * box.style.fontSize);
        emitRuns(box, start);
    }

    void emitRuns(const FormulaBox& box, const QPointF& start) {
        for (FormulaMark mark : box.runs) {
            if (auto* glyphs = std::get_if<FormulaGlyphs>(&mark))
                glyphs->start += start;
            else if (auto* text = std::get_if<FormulaText>(&mark))
                text->start += start;
            m_picture.marks.push_back(std::move(mark));
        }
    }

    // A stack is as wide as its widest entry; the others are aligned in it.
    void placeList(const FormulaBox& list, const Place& at) {
        for (const FormulaBox& entry : list.children) {
            double width = list.contentWidth - entry.box.marginLeft - entry.box.marginRight;
            // A stretched accent is narrower than its base by its skew: "calc(100% - 0.1em)".
            const QString calc = entry.node->style.value(QStringLiteral("width"));
            if (calc.startsWith(u"calc(100% - ")) {
                const QString less = calc.mid(12).chopped(1);
                width = list.contentWidth - entry.style.fontSize * readEm(less).value_or(0);
            }
            double strut = 0;
            double used = 0;
            for (const FormulaBox& child : entry.children) {
                if (child.node->hasClass(QLatin1String("pstrut")))
                    strut = child.box.height;
                else if (child.box.layout == KatexLayout::FullWidth)
                    used += std::max(width, child.box.minWidth);
                else
                    used += child.outerWidth();
            }
            double left = at.left + entry.box.marginLeft;
            const double room = std::max(0.0, width - used);
            if (entry.style.align == FormulaAlign::Center) left += room / 2;
            if (entry.style.align == FormulaAlign::Right) left += room;
            placeRow(entry, {left, at.baseline + entry.box.top + strut, width});
        }
    }

    void rule(const FormulaBox& box, const QRectF& rect, bool isDashed = false,
              const char* colorName = nullptr) {
        if (box.style.isHidden || rect.isEmpty()) return;
        QColor color = box.style.color;
        if (colorName) {
            const QColor named(box.node->style.value(QLatin1String(colorName)));
            if (named.isValid()) color = named;
        }
        m_picture.marks.push_back(FormulaRule{rect, color, isDashed});
    }

    // Lines that a full width node draws itself: as its lower border, or around it.
    void placeLines(const FormulaBox& box, const Place& at, double width) {
        const KatexNode& node = *box.node;
        const double em = box.style.fontSize;
        const double height = box.box.height;
        const QRectF area(at.left, at.baseline - height, width, height);
        if (node.style.contains(QStringLiteral("backgroundColor"))) {
            rule(box, area, false, "backgroundColor");
            m_picture.hasBackground = true;
        }
        double line = em * node.em("borderBottomWidth").value_or(0);
        if (node.hasClass(QLatin1String("sout"))) line = em * 0.08;
        if (line > 0)
            rule(box, QRectF(at.left, at.baseline - line, width, line),
                 node.hasClass(QLatin1String("hdashline")));
        if (node.hasClass(QLatin1String("angl"))) {
            const double top = em * node.em("borderTopWidth").value_or(0.049);
            rule(box, QRectF(area.topLeft(), QSizeF(width, top)));
            rule(box, QRectF(area.right() - top, area.top() + top, top, height - top));
        }
        if (const double border = em * node.em("borderWidth").value_or(0); border > 0) {
            const double inner = height - 2 * border;
            rule(box, QRectF(area.topLeft(), QSizeF(width, border)), false, "borderColor");
            rule(box, QRectF(at.left, area.bottom() - border, width, border), false, "borderColor");
            rule(box, QRectF(at.left, area.top() + border, border, inner), false, "borderColor");
            rule(box, QRectF(area.right() - border, area.top() + border, border, inner), false,
                 "borderColor");
        }
    }

    // A picture fills its parent's height and, unless it says otherwise, the frame's width.
    void placeSvg(const KatexSvg& svg, const FormulaBox& parent, const Place& at) {
        if (parent.style.isHidden) return;
        const double em = parent.style.fontSize;
        double width = at.frameWidth;
        const QString own = svg.attributes.value(QStringLiteral("style"));
        if (own.startsWith(u"width:")) width = em * readEm(own.mid(6)).value_or(0);
        const QRectF area(at.left, at.baseline - parent.box.height, width, parent.box.height);
        for (const QLineF& line : svg.lines) {
            QPainterPath path(area.topLeft() +
                              QPointF(line.x1() * area.width(), line.y1() * area.height()));
            path.lineTo(area.topLeft() +
                        QPointF(line.x2() * area.width(), line.y2() * area.height()));
            m_picture.marks.push_back(
                FormulaShape{path, svg.strokeWidth * em, parent.style.color, {}});
        }
        for (const QString& data : svg.paths) {
            const QPainterPath path = svgPath(data);
            const QTransform transform = fitting(svg.attributes, area);
            FormulaShape shape{trimmed(transform.map(path), area), 0, parent.style.color, {}};
            for (const QRectF& bar : barsOf(path)) shape.bars.append(transform.mapRect(bar) & area);
            if (!shape.path.isEmpty()) m_picture.marks.push_back(std::move(shape));
        }
    }

    // viewBox and preserveAspectRatio (SVG 1.1, section 7.8).
    static QTransform fitting(const QHash<QString, QString>& attributes, const QRectF& area) {
        const QStringList view = attributes.value(QStringLiteral("viewBox")).split(u' ');
        const double viewWidth = std::max(1.0, view.value(2).toDouble());
        const double viewHeight = std::max(1.0, view.value(3).toDouble());
        double scaleX = area.width() / viewWidth;
        double scaleY = area.height() / viewHeight;
        const QString fit =
            attributes.value(QStringLiteral("preserveAspectRatio"), QStringLiteral("xMidYMid"));
        if (fit != u"none")
            scaleX = scaleY =
                fit.endsWith(u"slice") ? std::max(scaleX, scaleY) : std::min(scaleX, scaleY);
        const double spare = area.width() - viewWidth * scaleX;
        const double shift = fit.startsWith(u"xMid")   ? spare / 2
                             : fit.startsWith(u"xMax") ? spare
                                                       : 0;
        QTransform transform = QTransform::fromTranslate(area.left() + shift, area.top());
        transform.scale(scaleX, scaleY);
        return transform;
    }

    // The tails of roots and arrows are 400 em long, and browsers clip them. Only straight bars
    // reach over the sides, so moving their ends does the same.
    static QPainterPath trimmed(QPainterPath path, const QRectF& area) {
        for (int index = 0; index < path.elementCount(); ++index) {
            const QPainterPath::Element element = path.elementAt(index);
            path.setElementPositionAt(index, std::clamp(element.x, area.left(), area.right()),
                                      std::clamp(element.y, area.top(), area.bottom()));
        }
        return path;
    }

    // Those long tails, in the picture's own units (1000 per em): their upper and lower edges are
    // the only lines of that length.
    static QList<QRectF> barsOf(const QPainterPath& path) {
        constexpr double kLong = 100'000;
        std::map<double, QLineF> edges;  // by y
        for (int index = 1; index < path.elementCount(); ++index) {
            const QPainterPath::Element from = path.elementAt(index - 1);
            const QPainterPath::Element to = path.elementAt(index);
            if (!to.isLineTo() || from.y != to.y || std::abs(from.x - to.x) < kLong) continue;
            edges[to.y] = QLineF(std::min(from.x, to.x), to.y, std::max(from.x, to.x), to.y);
        }
        QList<QRectF> bars;
        for (auto upper = edges.begin(); upper != edges.end(); ++upper) {
            const auto lower = std::next(upper);
            if (lower == edges.end()) break;
            bars.append(QRectF(upper->second.p1(), lower->second.p2()));
            upper = lower;
        }
        return bars;
    }

    FormulaPicture& m_picture;
};

const KatexNode* findClass(const KatexNode& node, QLatin1String name) {
    if (node.hasClass(name)) return &node;
    for (const KatexNode& child : node.children)
        if (const KatexNode* found = findClass(child, name)) return found;
    return nullptr;
}

struct Line {
    std::vector<FormulaBox> boxes;
    double width = 0, ascent = 0, descent = 0;
};

// Rows of boxes, broken where the source says so.
std::vector<Line> measuredLines(const KatexNode& html, const InheritedStyle& style,
                                FormulaFonts& fonts) {
    std::vector<Line> lines(1);
    for (const KatexNode& child : html.children) {
        if (child.hasClass(QLatin1String("newline"))) {
            lines.emplace_back();
            continue;
        }
        if (child.hasClass(QLatin1String("tag"))) continue;
        Line& line = lines.back();
        line.boxes.push_back(measuredBox(child, style, fonts));
        line.width += line.boxes.back().outerWidth();
        line.ascent = std::max(line.ascent, child.height * style.fontSize);
        line.descent = std::max(line.descent, child.depth * style.fontSize);
    }
    return lines;
}

void includeTexts(FormulaPicture& picture) {
    for (const FormulaMark& mark : picture.marks) {
        const auto* text = std::get_if<FormulaText>(&mark);
        if (!text) continue;
        picture.ascent = std::max(picture.ascent, kTextAscent * text->size - text->start.y());
        picture.descent = std::max(picture.descent, kTextDescent * text->size + text->start.y());
    }
}

}  // namespace

FormulaPicture layOutFormula(const KatexNode& root, FormulaFonts& fonts) {
    FormulaPicture picture;
    const KatexNode* html = findClass(root, QLatin1String("katex-html"));
    if (!html) return picture;
    InheritedStyle style;
    style.fontSize = kFormulaScale;
    if (root.hasClass(QLatin1String("katex-display"))) style.align = FormulaAlign::Center;

    std::vector<Line> lines = measuredLines(*html, style, fonts);
    for (const Line& line : lines) picture.width = std::max(picture.width, line.width);
    picture.ascent = lines.front().ascent;
    Placer placer(picture);
    double baseline = 0;
    for (size_t index = 0; index < lines.size(); ++index) {
        const Line& line = lines[index];
        if (index > 0)
            baseline += lines[index - 1].descent + kLineGap * style.fontSize + line.ascent;
        double left = style.align == FormulaAlign::Center ? (picture.width - line.width) / 2 : 0;
        for (const FormulaBox& box : line.boxes) {
            placer.place(box, {left, baseline, line.width});
            left += box.outerWidth();
        }
        picture.descent = baseline + line.descent;
    }
    for (const KatexNode& child : html->children) {
        if (!child.hasClass(QLatin1String("tag"))) continue;
        const FormulaBox tag = measuredBox(child, style, fonts);
        if (tag.outerWidth() <= 0)
            continue;  // automatic numbers, which would count within one formula only
        placer.place(tag, {picture.width + kTagGap * style.fontSize, 0, 0});
        picture.ascent = std::max(picture.ascent, child.height * style.fontSize);
        picture.descent = std::max(picture.descent, child.depth * style.fontSize);
        picture.width += kTagGap * style.fontSize + tag.outerWidth();
    }
    includeTexts(picture);
    return picture;
}

}  // namespace sotto::app
