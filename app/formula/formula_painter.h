// Draws a formula's marks. For the thread that the fonts belong to.
#pragma once

#include <QColor>
#include <QPainter>

#include "app/formula/formula_fonts.h"
#include "app/formula/formula_picture.h"

namespace sotto::app {

// baselineStart: the left end of the formula's baseline; emPixels: of the surrounding text, both in
// the painter's coordinates. Lines lie on whole pixels of the device and are never thinner than
// one.
void paintFormula(QPainter& painter, const FormulaPicture& picture, FormulaFonts& fonts,
                  QPointF baselineStart, double emPixels, const QColor& color);

// A colour of the source as it is painted beside text of the colour `ink`: of the same hue, and
// about as far from the window's background as ink is.
QColor legibleColor(const QColor& color, const QColor& ink);

}  // namespace sotto::app
