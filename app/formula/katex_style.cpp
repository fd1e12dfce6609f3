#include "app/formula/katex_style.h"

namespace sotto::app {

namespace {

// Rules of one class that only say a font; in the order of the style sheet, where the later one
// wins.
struct FontRule {
    QLatin1String name;
    std::optional<FormulaFamily> family;
    std::optional<bool> isBold;
    std::optional<bool> isItalic;
};

const FontRule kFontRules[] = {
    {QLatin1String("textbf"), {}, true, {}},
    {QLatin1String("textit"), {}, {}, true},
    {QLatin1String("textrm"), FormulaFamily::Main, {}, {}},
    {QLatin1String("textsf"), FormulaFamily::SansSerif, {}, {}},
    {QLatin1String("texttt"), FormulaFamily::Typewriter, {}, {}},
    {QLatin1String("mathnormal"), FormulaFamily::Math, {}, true},
    {QLatin1String("mathit"), FormulaFamily::Main, {}, true},
    {QLatin1String("mathrm"), {}, {}, false},
    {QLatin1String("mathbf"), FormulaFamily::Main, true, {}},
    {QLatin1String("boldsymbol"), FormulaFamily::Math, true, true},
    {QLatin1String("amsrm"), FormulaFamily::Ams, {}, {}},
    {QLatin1String("mathbb"), FormulaFamily::Ams, {}, {}},
    {QLatin1String("textbb"), FormulaFamily::Ams, {}, {}},
    {QLatin1String("mathcal"), FormulaFamily::Caligraphic, {}, {}},
    {QLatin1String("mathfrak"), FormulaFamily::Fraktur, {}, {}},
    {QLatin1String("textfrak"), FormulaFamily::Fraktur, {}, {}},
    {QLatin1String("mathtt"), FormulaFamily::Typewriter, {}, {}},
    {QLatin1String("mathscr"), FormulaFamily::Script, {}, {}},
    {QLatin1String("textscr"), FormulaFamily::Script, {}, {}},
    {QLatin1String("mathsf"), FormulaFamily::SansSerif, {}, {}},
    {QLatin1String("mathboldsf"), FormulaFamily::SansSerif, true, {}},
    {QLatin1String("textboldsf"), FormulaFamily::SansSerif, true, {}},
    {QLatin1String("mathitsf"), FormulaFamily::SansSerif, {}, true},
    {QLatin1String("textitsf"), FormulaFamily::SansSerif, {}, true},
    {QLatin1String("mainrm"), FormulaFamily::Main, {}, false},
};

// The sizes of TeX from \tiny to \Huge, as shares of \normalsize (size6).
constexpr double kSizes[] = {0.5, 0.6, 0.7, 0.8, 0.9, 1.0, 1.2, 1.44, 1.728, 2.074, 2.488};

// N of a class like "size3" behind its stem, 1 to 11.
std::optional<int> sizeNumber(const QStringList& classes, QLatin1String stem) {
    for (const QString& name : classes) {
        if (!name.startsWith(stem)) continue;
        bool isNumber = false;
        const int number = QStringView(name).sliced(stem.size()).toInt(&isNumber);
        if (isNumber && number >= 1 && number <= int(std::size(kSizes))) return number;
    }
    return std::nullopt;
}

void applySize(const KatexNode& node, InheritedStyle& style) {
    const bool isSizing =
        node.hasClass(QLatin1String("sizing")) || node.hasClass(QLatin1String("fontsize-ensurer"));
    const auto from = sizeNumber(node.classes, QLatin1String("reset-size"));
    const auto to = sizeNumber(node.classes, QLatin1String("size"));
    if (isSizing && from && to) style.fontSize *= kSizes[*to - 1] / kSizes[*from - 1];
}

void applyDelimiterFont(const KatexNode& node, const QStringList& parentClasses,
                        InheritedStyle& style) {
    constexpr FormulaFamily kSized[] = {FormulaFamily::Size1, FormulaFamily::Size2,
                                        FormulaFamily::Size3, FormulaFamily::Size4};
    if (node.hasClass(QLatin1String("delimsizing"))) {
        const auto size = sizeNumber(node.classes, QLatin1String("size"));
        if (size && *size <= int(std::size(kSized))) style.family = kSized[*size - 1];
        if (node.hasClass(QLatin1String("mult"))) style.isPiece = true;
    }
    if (parentClasses.contains(QLatin1String("delim-size1"))) style.family = FormulaFamily::Size1;
    if (parentClasses.contains(QLatin1String("delim-size4"))) style.family = FormulaFamily::Size4;
    if (node.hasClass(QLatin1String("small-op"))) style.family = FormulaFamily::Size1;
    if (node.hasClass(QLatin1String("large-op"))) style.family = FormulaFamily::Size2;
}

void applyAlign(const KatexNode& node, const QStringList& parentClasses,
                const QStringList& grandparentClasses, InheritedStyle& style) {
    if (grandparentClasses.contains(QLatin1String("mfrac"))) style.align = FormulaAlign::Center;
    if (node.hasClass(QLatin1String("vlist-t"))) {
        for (const char* name : {"op-limits", "accent", "col-align-c"})
            if (parentClasses.contains(QLatin1String(name))) style.align = FormulaAlign::Center;
        if (parentClasses.contains(QLatin1String("col-align-l"))) style.align = FormulaAlign::Left;
        if (parentClasses.contains(QLatin1String("col-align-r"))) style.align = FormulaAlign::Right;
    }
    for (const char* name : {"x-arrow", "mover", "munder"})
        if (node.hasClass(QLatin1String(name))) style.align = FormulaAlign::Center;
    for (const char* name : {"msupsub", "svg-align", "cd-label-left"})
        if (node.hasClass(QLatin1String(name))) style.align = FormulaAlign::Left;
    if (node.hasClass(QLatin1String("cd-label-right"))) style.align = FormulaAlign::Right;
}

void applyInlineStyle(const KatexNode& node, InheritedStyle& style) {
    if (const auto color = node.style.constFind(QStringLiteral("color"));
        color != node.style.cend()) {
        if (*color == u"transparent")
            style.isHidden = true;
        else if (const QColor named(*color); named.isValid())
            style.color = named;
    }
    if (const auto shadow = node.style.constFind(QStringLiteral("textShadow"));
        shadow != node.style.cend()) {
        const QStringList lengths = shadow->split(u' ');
        style.shadow =
            QPointF(readEm(lengths.value(0)).value_or(0), readEm(lengths.value(1)).value_or(0));
    }
}

// Classes that decide how a node is laid out, the first that fits.
struct LayoutRule {
    QLatin1String name;
    KatexLayout layout;
};

const LayoutRule kLayoutRules[] = {
    {QLatin1String("strut"), KatexLayout::Nothing},
    {QLatin1String("pstrut"), KatexLayout::Nothing},
    {QLatin1String("vlist-s"), KatexLayout::Nothing},
    {QLatin1String("eqn-num"), KatexLayout::Nothing},
    {QLatin1String("newline"), KatexLayout::Nothing},
    {QLatin1String("vlist"), KatexLayout::VerticalList},
    {QLatin1String("llap"), KatexLayout::Lap},
    {QLatin1String("rlap"), KatexLayout::Lap},
    {QLatin1String("clap"), KatexLayout::Lap},
    {QLatin1String("rule"), KatexLayout::Rule},
    {QLatin1String("vertical-separator"), KatexLayout::VerticalLine},
    {QLatin1String("cd-label-left"), KatexLayout::SideLabel},
    {QLatin1String("cd-label-right"), KatexLayout::SideLabel},
    {QLatin1String("frac-line"), KatexLayout::FullWidth},
    {QLatin1String("overline-line"), KatexLayout::FullWidth},
    {QLatin1String("underline-line"), KatexLayout::FullWidth},
    {QLatin1String("hline"), KatexLayout::FullWidth},
    {QLatin1String("hdashline"), KatexLayout::FullWidth},
    {QLatin1String("stretchy"), KatexLayout::FullWidth},
    {QLatin1String("hide-tail"), KatexLayout::FullWidth},
    {QLatin1String("halfarrow-left"), KatexLayout::Absolute},
    {QLatin1String("halfarrow-right"), KatexLayout::Absolute},
    {QLatin1String("brace-left"), KatexLayout::Absolute},
    {QLatin1String("brace-center"), KatexLayout::Absolute},
    {QLatin1String("brace-right"), KatexLayout::Absolute},
};

// Classes with lengths of their own, in em of the node's font size.
struct LengthRule {
    QLatin1String name;
    double paddingLeft, paddingRight, marginLeft, marginRight;
};

const LengthRule kLengthRules[] = {
    {QLatin1String("x-arrow-pad"), 0.5, 0.5, 0, 0},
    {QLatin1String("cd-arrow-pad"), 0.27778, 0.55556, 0, 0},
    {QLatin1String("boxpad"), 0.3, 0.3, 0, 0},
    {QLatin1String("cancel-pad"), 0.2, 0.2, 0, 0},
    {QLatin1String("anglpad"), 0.03889, 0.03889, 0, 0},
    {QLatin1String("cancel-lap"), 0, 0, -0.2, -0.2},
    {QLatin1String("angl"), 0, 0, 0, 0.03889},
    {QLatin1String("root"), 0, 0, 0.27777778, -0.55555556},
};

struct ShareRule {
    QLatin1String name;
    double left, width;
};

const ShareRule kShareRules[] = {
    {QLatin1String("halfarrow-left"), 0, 0.502},  {QLatin1String("halfarrow-right"), 0.498, 0.502},
    {QLatin1String("brace-left"), 0, 0.251},      {QLatin1String("brace-center"), 0.25, 0.5},
    {QLatin1String("brace-right"), 0.749, 0.251},
};

void applyInlineLengths(const KatexNode& node, double em, BoxStyle& box) {
    // "0 -0.02em": above and below, left and right.
    if (const auto margin = node.style.constFind(QStringLiteral("margin"));
        margin != node.style.cend())
        box.marginLeft = box.marginRight = em * readEm(margin->section(u' ', 1)).value_or(0);
    box.paddingLeft += em * node.em("paddingLeft").value_or(0);
    box.marginLeft += em * node.em("marginLeft").value_or(0);
    box.marginRight += em * (node.em("marginRight").value_or(0) + node.italic);
    box.left = em * node.em("left").value_or(0);
    box.top = em * (node.em("top").value_or(0) - node.em("bottom").value_or(0));
    box.minWidth = em * node.em("minWidth").value_or(0);
    box.height = em * node.em("height").value_or(0);
    if (const auto width = node.em("width")) box.width = em * *width;
}

}  // namespace

InheritedStyle inheritedStyle(const KatexNode& node, const InheritedStyle& parent,
                              const QStringList& parentClasses,
                              const QStringList& grandparentClasses) {
    InheritedStyle style = parent;
    for (const FontRule& rule : kFontRules) {
        if (!node.hasClass(rule.name)) continue;
        style.family = rule.family.value_or(style.family);
        style.isBold = rule.isBold.value_or(style.isBold);
        style.isItalic = rule.isItalic.value_or(style.isItalic);
    }
    applySize(node, style);
    applyDelimiterFont(node, parentClasses, style);
    applyAlign(node, parentClasses, grandparentClasses, style);
    applyInlineStyle(node, style);
    return style;
}

BoxStyle boxStyle(const KatexNode& node, const InheritedStyle& style) {
    BoxStyle box;
    const double em = style.fontSize;
    for (const LayoutRule& rule : kLayoutRules) {
        if (!node.hasClass(rule.name)) continue;
        box.layout = rule.layout;
        break;
    }
    for (const LengthRule& rule : kLengthRules) {
        if (!node.hasClass(rule.name)) continue;
        box.paddingLeft += em * rule.paddingLeft;
        box.paddingRight += em * rule.paddingRight;
        box.marginLeft += em * rule.marginLeft;
        box.marginRight += em * rule.marginRight;
    }
    for (const ShareRule& rule : kShareRules) {
        if (!node.hasClass(rule.name)) continue;
        box.shareLeft = rule.left;
        box.shareWidth = rule.width;
    }
    applyInlineLengths(node, em, box);
    if (node.hasClass(QLatin1String("nulldelimiter"))) box.width = em * 0.12;
    if (node.hasClass(QLatin1String("accent-body")) && !node.hasClass(QLatin1String("accent-full")))
        box.width = 0;
    if (node.hasClass(QLatin1String("thinbox"))) box.width = 0;
    if (box.layout == KatexLayout::Lap) {
        box.width = 0;
        box.lapShare = node.hasClass(QLatin1String("llap"))   ? 1
                       : node.hasClass(QLatin1String("clap")) ? 0.5
                                                              : 0;
    }
    return box;
}

FormulaFace formulaFace(const InheritedStyle& style) {
    const bool isBold = style.isBold;
    switch (style.family) {
        case FormulaFamily::Main:
            if (style.isItalic)
                return isBold ? FormulaFace::MainBoldItalic : FormulaFace::MainItalic;
            return isBold ? FormulaFace::MainBold : FormulaFace::MainRegular;
        case FormulaFamily::Math:
            return isBold ? FormulaFace::MathBoldItalic : FormulaFace::MathItalic;
        case FormulaFamily::Ams: return FormulaFace::AmsRegular;
        case FormulaFamily::Caligraphic:
            return isBold ? FormulaFace::CaligraphicBold : FormulaFace::CaligraphicRegular;
        case FormulaFamily::Fraktur:
            return isBold ? FormulaFace::FrakturBold : FormulaFace::FrakturRegular;
        case FormulaFamily::SansSerif:
            if (isBold) return FormulaFace::SansSerifBold;
            return style.isItalic ? FormulaFace::SansSerifItalic : FormulaFace::SansSerifRegular;
        case FormulaFamily::Script: return FormulaFace::ScriptRegular;
        case FormulaFamily::Typewriter: return FormulaFace::TypewriterRegular;
        case FormulaFamily::Size1: return FormulaFace::Size1;
        case FormulaFamily::Size2: return FormulaFace::Size2;
        case FormulaFamily::Size3: return FormulaFace::Size3;
        case FormulaFamily::Size4: return FormulaFace::Size4;
    }
    return FormulaFace::MainRegular;
}

}  // namespace sotto::app
