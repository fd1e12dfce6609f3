#include "app/ui/Chat/selected_part.h"

#include <QAbstractTextDocumentLayout>
#include <QTextDocument>
#include <algorithm>
#include <utility>

namespace sotto::app {

SelectedPart::SelectedPart(QObject* parent) : QObject(parent) {
    connect(this, &SelectedPart::placeChanged, this, &SelectedPart::show);
    connect(this, &SelectedPart::placeChanged, this, &SelectedPart::find);
}

SelectedPart::~SelectedPart() {
    if (m_selection != nullptr) m_selection->remove(this);
}

void SelectedPart::setSelection(TextSelection* selection) {
    if (selection == m_selection) return;
    if (m_selection != nullptr) {
        m_selection->disconnect(this);
        m_selection->remove(this);
    }
    m_selection = selection;
    if (m_selection != nullptr) {
        m_selection->add(this);
        connect(m_selection, &TextSelection::changed, this, &SelectedPart::show);
        connect(m_selection, &TextSelection::hitsChanged, this, &SelectedPart::takeHits);
    }
    takeHits();
    emit placeChanged();
}

void SelectedPart::setEdit(QQuickItem* edit) {
    if (edit == m_edit) return;
    if (m_edit != nullptr) m_edit->removeEventFilter(this);
    m_edit = edit;
    if (m_edit != nullptr) m_edit->installEventFilter(this);
    emit placeChanged();
}

// A TextEdit takes every press, also where it does nothing with it; here it is the surface's.
bool SelectedPart::eventFilter(QObject*, QEvent* event) {
    const bool isPress =
        event->type() == QEvent::MouseButtonPress || event->type() == QEvent::MouseButtonDblClick;
    if (!isPress || m_selection == nullptr) return false;
    event->ignore();
    return true;
}

void SelectedPart::setText(StyledDocument* text) {
    if (text == m_text) return;
    if (m_text != nullptr) m_text->disconnect(this);
    m_text = text;
    if (m_text != nullptr) {
        connect(m_text, &StyledDocument::contentChanged, this, &SelectedPart::show);
        connect(m_text, &StyledDocument::contentChanged, this, &SelectedPart::find);
    }
    emit placeChanged();
}

int SelectedPart::start() const {
    return m_text == nullptr || m_text->source() == nullptr
               ? 0
               : m_text->source()->partStart(m_text->part());
}

void SelectedPart::show() {
    if (m_selection == nullptr || m_edit == nullptr || m_text == nullptr || m_row < 0) return;
    const auto [from, to] = m_selection->rangeIn(m_row, m_block);
    const int length = static_cast<int>(m_text->content().text.size());
    const int first = std::clamp(from - start(), 0, length);
    const int last = to - start() < 0 ? 0 : std::min(to - start(), length);
    if (last > first)
        QMetaObject::invokeMethod(m_edit, "select", Q_ARG(int, first), Q_ARG(int, last));
    else if (m_edit->property("selectionEnd") != m_edit->property("selectionStart"))
        QMetaObject::invokeMethod(m_edit, "deselect");
}

void SelectedPart::takeHits() {
    FindHits* hits = m_selection == nullptr ? nullptr : m_selection->hits();
    if (hits == m_hits) return;
    if (m_hits != nullptr) m_hits->disconnect(this);
    m_hits = hits;
    if (m_hits != nullptr) connect(m_hits, &FindHits::changed, this, &SelectedPart::find);
    find();
}

void SelectedPart::find() {
    QList<FoundWord> found;
    const QString needle = m_hits == nullptr ? QString() : m_hits->needle();
    const bool isShown = m_text != nullptr && m_text->source() != nullptr;
    if (isShown && m_row >= 0 && m_block >= 0 && !needle.trimmed().isEmpty()) {
        const bool isHere = m_hits->row() == m_row && std::max(0, m_hits->block()) == m_block;
        const bool isCell = isHere && m_hits->cell() >= 0;
        // What is looked at counts from its cell where it has one, else from its block.
        const bool isCurrentPart = isHere && (!isCell || m_hits->cell() == m_text->part());
        // Searched as the block was, since a word may begin in one part and end in the next.
        const auto passage = m_text->source()->passageAround(m_text->part());
        const int current = isCurrentPart ? m_hits->start() - (isCell ? 0 : passage.start) : -1;
        const int before = start() - passage.start;
        const int length = static_cast<int>(m_text->content().text.size());
        const auto size = static_cast<int>(needle.size());
        for (qsizetype at = passage.text.indexOf(needle, 0, Qt::CaseInsensitive);
             at >= 0 && at < before + length;
             at = passage.text.indexOf(needle, at + size, Qt::CaseInsensitive)) {
            const int first = static_cast<int>(at) - before;
            if (first + size > 0)
                found.append({std::max(0, first), std::min(length, first + size), at == current});
        }
    }
    if (found == m_found) return;
    m_found = std::move(found);
    emit foundChanged();
}

QRectF SelectedPart::currentWordIn(const QQuickItem* item) const {
    const auto word = std::find_if(m_found.cbegin(), m_found.cend(),
                                   [](const FoundWord& found) { return found.isCurrent; });
    if (word == m_found.cend() || m_edit == nullptr || !m_edit->isVisible()) return {};
    QRectF start, end;
    QMetaObject::invokeMethod(m_edit, "positionToRectangle", Q_RETURN_ARG(QRectF, start),
                              Q_ARG(int, word->start));
    QMetaObject::invokeMethod(m_edit, "positionToRectangle", Q_RETURN_ARG(QRectF, end),
                              Q_ARG(int, word->end));
    return m_edit->mapRectToItem(item, start | end);
}

void SelectedPart::showCurrentWordSideways() const {
    if (currentWordIn(m_edit).isEmpty()) return;
    for (QQuickItem* area = m_edit->parentItem(); area != nullptr; area = area->parentItem()) {
        const double beyond = area->property("contentWidth").toDouble() - area->width();
        if (beyond <= 0 || !area->property("contentX").isValid()) continue;
        const QRectF word = currentWordIn(area);
        if (word.left() >= 0 && word.right() <= area->width()) continue;
        const double middle = area->property("contentX").toDouble() + word.center().x();
        area->setProperty("contentX", std::clamp(middle - area->width() / 2, 0.0, beyond));
    }
}

QRectF SelectedPart::sceneRect() const {
    if (m_edit == nullptr || !m_edit->isVisible() || m_row < 0) return {};
    return m_edit->mapRectToScene(QRectF(0, 0, m_edit->width(), m_edit->height()));
}

TextPlace SelectedPart::placeAt(QPointF scenePoint) const {
    const QPointF point = m_edit->mapFromScene(scenePoint);
    int position = 0;
    QMetaObject::invokeMethod(m_edit, "positionAt", Q_RETURN_ARG(int, position),
                              Q_ARG(qreal, point.x()), Q_ARG(qreal, point.y()));
    return {m_row, m_block, start() + position};
}

QString SelectedPart::linkAt(QPointF scenePoint) const {
    const QPointF point = m_edit->mapFromScene(scenePoint);
    QString link;
    QMetaObject::invokeMethod(m_edit, "linkAt", Q_RETURN_ARG(QString, link),
                              Q_ARG(qreal, point.x()), Q_ARG(qreal, point.y()));
    return link;
}

std::pair<TextPlace, TextPlace> SelectedPart::wordAt(const TextPlace& place) const {
    QTextCursor cursor(m_text->document()->textDocument());
    const int last = m_text->document()->textDocument()->characterCount() - 1;
    cursor.setPosition(std::clamp(place.offset - start(), 0, last));
    cursor.select(QTextCursor::WordUnderCursor);
    return {{m_row, m_block, start() + cursor.selectionStart()},
            {m_row, m_block, start() + cursor.selectionEnd()}};
}

std::pair<TextPlace, TextPlace> SelectedPart::paragraphAt(const TextPlace& place) const {
    const auto passage = m_text->source()->passageAround(m_text->part());
    const auto length = static_cast<int>(passage.text.size());
    const int at = std::clamp(place.offset - passage.start, 0, length);
    const auto before = QStringView(passage.text).first(at).lastIndexOf(u'\n');
    const auto end = passage.text.indexOf(u'\n', at);
    return {{m_row, m_block, passage.start + static_cast<int>(before) + 1},
            {m_row, m_block, passage.start + (end < 0 ? length : static_cast<int>(end))}};
}

}  // namespace sotto::app
