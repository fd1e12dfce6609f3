#include "app/compare/compare_picture.h"

#include <QFontMetrics>
#include <QPainter>
#include <algorithm>

namespace sotto::app {

QImage comparisonPicture(const QImage& result, const QString& question, const PictureStyle& style) {
    constexpr int kMargin = 24;     // the page's own, beside the columns
    constexpr int kMostLines = 12;  // of a question: the rest is in the other exports
    constexpr int kFlags = Qt::TextWordWrap | Qt::AlignLeft | Qt::AlignTop;
    const qreal ratio = result.devicePixelRatio();
    const QSize size = (QSizeF(result.size()) / ratio).toSize();
    const QFontMetrics metrics(style.font);
    const QRect room(kMargin, kMargin, std::max(1, size.width() - 2 * kMargin),
                     kMostLines * metrics.lineSpacing());
    const int nAbove = metrics.boundingRect(room, kFlags, question).height();
    const QRect words(room.topLeft(), QSize(room.width(), std::min(nAbove, room.height())));
    const QSize whole(size.width(), words.bottom() + 1 + kMargin + size.height());
    QImage picture((QSizeF(whole) * ratio).toSize(), QImage::Format_RGB32);
    if (picture.isNull()) return picture;
    picture.setDevicePixelRatio(ratio);
    picture.fill(style.paper);
    QPainter painter(&picture);
    painter.setRenderHint(QPainter::TextAntialiasing);
    painter.setFont(style.font);
    painter.setPen(style.ink);
    painter.setClipRect(words);
    painter.drawText(words, kFlags, question);
    painter.setClipping(false);
    painter.drawImage(QPoint(0, words.bottom() + 1 + kMargin), result);
    return picture;
}

}  // namespace sotto::app
