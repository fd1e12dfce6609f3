#include "app/ui/Chat/text_selection.h"

#include <QClipboard>
#include <QGuiApplication>
#include <QMimeData>
#include <algorithm>
#include <limits>

#include "app/chat/message.h"
#include "app/ui/Chat/selected_part.h"
#include "app/ui/Chat/selected_text.h"
#include "app/ui/Chat/selection_surface.h"

namespace sotto::app {

TextSelection::TextSelection(QObject* parent) : QObject(parent) {}

TextSelection::~TextSelection() = default;

void TextSelection::setMessages(MessageListModel* messages) {
    if (messages == m_messages) return;
    if (m_messages != nullptr) m_messages->disconnect(this);
    m_messages = messages;
    if (m_messages != nullptr) {
        connect(m_messages, &QAbstractItemModel::modelReset, this, &TextSelection::clear);
        connect(m_messages, &QAbstractItemModel::rowsRemoved, this, &TextSelection::clear);
    }
    clear();
}

SelectionSurface* TextSelection::surface() const { return m_surface; }

void TextSelection::setSurface(SelectionSurface* surface) { m_surface = surface; }

void TextSelection::select(const TextPlace& anchor, const TextPlace& focus) {
    if (anchor == m_anchor && focus == m_focus) return;
    m_anchor = anchor;
    m_focus = focus;
    emit changed();
}

const BlockListModel* TextSelection::blocksOf(int row) const {
    return m_messages->data(m_messages->index(row), MessageListModel::BlocksRole)
        .value<BlockListModel*>();
}

QString TextSelection::textOf(int row, MessageListModel::Role role) const {
    return m_messages->data(m_messages->index(row), role).toString();
}

int TextSelection::firstBlock(int row) const {
    const bool isOpen =
        m_messages->data(m_messages->index(row), MessageListModel::IsUnfoldedRole).toBool();
    const bool hasThinking = isOpen && blocksOf(row) != nullptr &&
                             !textOf(row, MessageListModel::ThinkingTextRole).isEmpty();
    return hasThinking ? Thinking : 0;
}

int TextSelection::lastBlock(int row) const {
    const BlockListModel* blocks = blocksOf(row);
    const int last = blocks == nullptr ? 0 : blocks->rowCount() - 1;
    return std::max(last, firstBlock(row));
}

int TextSelection::lengthOf(int row, int block) const {
    const BlockListModel* blocks = blocksOf(row);
    if (block == Thinking)
        return static_cast<int>(textOf(row, MessageListModel::ThinkingTextRole).size());
    if (blocks == nullptr)
        return static_cast<int>(textOf(row, MessageListModel::ShownTextRole).size());
    return block < blocks->rowCount() ? blockLength(blocks->block(block)) : 0;
}

void TextSelection::selectMessage(int row) {
    if (m_messages == nullptr || row < 0 || row >= m_messages->rowCount()) return;
    const int last = lastBlock(row);
    select({row, firstBlock(row), 0}, {row, last, lengthOf(row, last)});
}

std::pair<int, int> TextSelection::rangeIn(int row, int block) const {
    const auto [first, last] = std::minmax(m_anchor, m_focus);
    if (isEmpty() || TextPlace{row, block, std::numeric_limits<int>::max()} < first ||
        last < TextPlace{row, block, 0})
        return {0, 0};
    const bool isFirst = first.row == row && first.block == block;
    const bool isLast = last.row == row && last.block == block;
    return {isFirst ? first.offset : 0, isLast ? last.offset : std::numeric_limits<int>::max()};
}

QRectF TextSelection::hitIn(QQuickItem* item) const {
    for (const SelectedPart* part : m_parts)
        if (const QRectF place = part->currentWordIn(item); !place.isEmpty()) return place;
    return {};
}

double TextSelection::hitShare() const {
    if (m_hits == nullptr || m_messages == nullptr || m_hits->row() < 0) return 0;
    const int block = std::max(0, m_hits->block());
    if (m_hits->cell() < 0)
        return m_hits->start() / std::max(1.0, double(lengthOf(m_hits->row(), block)));
    const BlockListModel* blocks = blocksOf(m_hits->row());
    const bool isThere = blocks != nullptr && block < blocks->rowCount();
    return isThere ? m_hits->cell() / std::max(1.0, double(blocks->block(block).cells.size())) : 0;
}

void TextSelection::showHitSideways() const {
    for (const SelectedPart* part : m_parts) part->showCurrentWordSideways();
}

void TextSelection::copyMessage(int row, SelectedBlocks& all) const {
    const BlockListModel* blocks = blocksOf(row);
    for (int block = firstBlock(row); block <= lastBlock(row); ++block) {
        const auto [from, end] = rangeIn(row, block);
        const int length = lengthOf(row, block);
        const int to = std::min(end, length);
        // A rule has no text and is taken where it lies between what has.
        if (end == 0 || to < from || (to == from && length > 0)) continue;
        if (block == Thinking)
            all.addThinking(textOf(row, MessageListModel::ThinkingTextRole).mid(from, to - from),
                            from == 0 ? tr("Thinking") : QString());
        else if (blocks == nullptr)
            all.addTyped(textOf(row, MessageListModel::ShownTextRole).mid(from, to - from));
        else if (block < blocks->rowCount())
            all.add(blocks->block(block), from, to);
    }
    all.endMessage();
}

void TextSelection::copy(bool isMarkdown) const {
    if (isEmpty() || m_messages == nullptr) return;
    const auto [first, last] = std::minmax(m_anchor, m_focus);
    SelectedBlocks all;
    for (int row = first.row; row <= last.row && row < m_messages->rowCount(); ++row)
        copyMessage(row, all);
    const SelectedText copied = all.take();
    if (copied.markdown.isEmpty()) return;  // what was thought, and is folded now
    auto* data = new QMimeData;             // the clipboard's
    data->setText(isMarkdown ? copied.markdown : copied.plain);
    if (!isMarkdown) {
        data->setHtml(copied.html);
        data->setData(QStringLiteral("text/markdown"), copied.markdown.toUtf8());
    }
    QGuiApplication::clipboard()->setMimeData(data);
}

SelectedPart* TextSelection::partAt(QPointF scenePoint, bool isExact) const {
    SelectedPart* nearest = nullptr;
    double least = std::numeric_limits<double>::max();
    for (SelectedPart* part : m_parts) {
        const QRectF place = part->sceneRect();
        if (place.isEmpty()) continue;
        const double above =
            std::max({place.top() - scenePoint.y(), scenePoint.y() - place.bottom(), 0.0});
        const double beside =
            std::max({place.left() - scenePoint.x(), scenePoint.x() - place.right(), 0.0});
        if (isExact && (above > 0 || beside > 0)) continue;
        // A line beside the pointer is nearer than any above or below it.
        const double distance = above * 1000 + beside;
        if (distance >= least) continue;
        least = distance;
        nearest = part;
    }
    return nearest;
}

std::vector<SelectedPart*> TextSelection::textsAt(double sceneY, double reach,
                                                  std::size_t most) const {
    std::vector<std::pair<double, SelectedPart*>> texts;  // by top
    for (SelectedPart* part : m_parts) {
        const QRectF place = part->sceneRect();
        if (!place.isEmpty() && place.bottom() >= sceneY - reach)
            texts.emplace_back(place.top(), part);
    }
    // Any above comes before those below.
    std::stable_sort(texts.begin(), texts.end(), [sceneY](const auto& left, const auto& right) {
        const bool isLeftAbove = left.first <= sceneY, isRightAbove = right.first <= sceneY;
        if (isLeftAbove != isRightAbove) return isLeftAbove;
        return isLeftAbove ? left.first > right.first : left.first < right.first;
    });
    texts.resize(std::min(texts.size(), most));
    std::vector<SelectedPart*> nearest;
    for (const auto& text : texts) nearest.push_back(text.second);
    return nearest;
}

}  // namespace sotto::app
