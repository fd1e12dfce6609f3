// What is where in a formula, as JSON: glyphs with the left end of their baseline and their size,
// lines and pictures with their rectangle. In em of the formula's own size (KaTeX's unit), y
// upwards from the baseline as in TeX.
#pragma once

#include <QJsonArray>
#include <QJsonObject>
#include <cmath>

#include "app/formula/formula_fonts.h"
#include "app/formula/formula_layout.h"

namespace sotto::app {

inline double rounded(double em) { return std::round(em / kFormulaScale * 1e4) / 1e4; }

inline QJsonObject formulaGeometry(const FormulaPicture& picture) {
    QJsonArray glyphs, texts, rules, shapes;
    for (const FormulaMark& mark : picture.marks) {
        if (const auto* run = std::get_if<FormulaGlyphs>(&mark)) {
            const auto characters = run->text.toUcs4();
            for (qsizetype index = 0; index < characters.size(); ++index)
                glyphs.append(
                    QJsonArray{QChar::fromUcs4(characters[index]).operator QStringView().toString(),
                               formulaFaceName(run->face).mid(6),
                               rounded(run->start.x() + run->offsets[index]),
                               rounded(-run->start.y()), rounded(run->size)});
        } else if (const auto* text = std::get_if<FormulaText>(&mark)) {
            texts.append(QJsonArray{text->text, rounded(text->start.x()), rounded(-text->start.y()),
                                    rounded(text->size)});
        } else if (const auto* rule = std::get_if<FormulaRule>(&mark)) {
            rules.append(QJsonArray{rounded(rule->rect.left()), rounded(-rule->rect.bottom()),
                                    rounded(rule->rect.width()), rounded(rule->rect.height())});
        } else if (const auto* shape = std::get_if<FormulaShape>(&mark)) {
            const QRectF rect = shape->path.boundingRect();
            shapes.append(QJsonArray{rounded(rect.left()), rounded(-rect.bottom()),
                                     rounded(rect.width()), rounded(rect.height())});
        }
    }
    return {{"width", rounded(picture.width)},
            {"ascent", rounded(picture.ascent)},
            {"descent", rounded(picture.descent)},
            {"glyphs", glyphs},
            {"texts", texts},
            {"rules", rules},
            {"shapes", shapes}};
}

}  // namespace sotto::app
