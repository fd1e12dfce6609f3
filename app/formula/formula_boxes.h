// The first pass of the layout: every node of KaTeX's tree with its style resolved and its width
// measured.
#pragma once

#include <variant>
#include <vector>

#include "app/formula/formula_fonts.h"
#include "app/formula/katex_style.h"
#include "app/formula/katex_tree.h"

namespace sotto::app {

struct FormulaBox {
    const KatexNode* node = nullptr;
    InheritedStyle style;
    BoxStyle box;
    std::vector<FormulaMark>
        runs;  // of a symbol: glyphs and texts, each starting where it stands in the symbol
    double contentWidth = 0;  // em of the surrounding text
    std::vector<FormulaBox> children;

    // With paddings and margins; what it takes in a row.
    double outerWidth() const;
};

FormulaBox measuredBox(const KatexNode& node, const InheritedStyle& style, FormulaFonts& fonts);

}  // namespace sotto::app
