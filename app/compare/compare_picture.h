// The result of a comparison as a picture: what the page shows of it, below the question. Pure.
#pragma once

#include <QColor>
#include <QFont>
#include <QImage>
#include <QString>

namespace sotto::app {

struct PictureStyle {
    QColor paper, ink;
    QFont font;  // of the question
};

// `result` as it was grabbed, at its own device pixel ratio; the picture has the same. Null: there
// is no memory for it.
QImage comparisonPicture(const QImage& result, const QString& question, const PictureStyle& style);

}  // namespace sotto::app
