#include "app/formula/formula_worker.h"

#include "app/formula/formula_fonts.h"
#include "app/formula/formula_layout.h"
#include "app/formula/katex_engine.h"

namespace sotto::app {

namespace {

bool isPaintable(const FormulaPicture& picture) {
    const double height = picture.ascent + picture.descent;
    return picture.width <= FormulaWorker::kMaxSide && height <= FormulaWorker::kMaxSide &&
           picture.width * height <= FormulaWorker::kMaxArea;
}

}  // namespace

FormulaWorker::FormulaWorker(const QFont& textFont) : m_textFont(textFont) {}

FormulaWorker::~FormulaWorker() = default;

void FormulaWorker::setFormula(const QString& tex, bool isDisplay) {
    if (m_isStopping) return;
    if (!m_engine) {
        // Here, since both belong to the thread that makes them.
        m_engine = std::make_unique<KatexEngine>();
        m_fonts = std::make_unique<FormulaFonts>(m_textFont);
    }
    TypesetFormula formula{tex, isDisplay, nullptr, {}};
    if (const auto json = m_engine->tree(tex, isDisplay)) {
        if (const auto tree = readKatexTree(*json)) {
            FormulaPicture picture = layOutFormula(*tree, *m_fonts);
            if (isPaintable(picture)) {
                formula.picture = std::make_shared<const FormulaPicture>(std::move(picture));
                formula.spoken = m_engine->spoken(tex, isDisplay).value_or(QString());
            }
        }
    }
    emit typeset(formula);
}

}  // namespace sotto::app
