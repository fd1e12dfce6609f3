// From KaTeX's tree to where everything is painted: what a browser does with the tree and
// katex.css. Pure, but for the fonts; for any one thread at a time.
//
// KaTeX has already decided every vertical position and every size (it follows the rules of The
// TeXbook, appendix G); what it leaves to the browser are widths: rows, stacks as wide as their
// widest line, alignment in them, and pictures that are stretched to them.
#pragma once

#include "app/formula/formula_fonts.h"
#include "app/formula/formula_picture.h"
#include "app/formula/katex_tree.h"

namespace sotto::app {

// KaTeX's fonts beside the text around them, from katex.css: their small letters are lower.
inline constexpr double kFormulaScale = 1.21;

FormulaPicture layOutFormula(const KatexNode& root, FormulaFonts& fonts);

}  // namespace sotto::app
