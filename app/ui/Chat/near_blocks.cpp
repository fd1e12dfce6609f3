#include "app/ui/Chat/near_blocks.h"

#include <QElapsedTimer>
#include <algorithm>
#include <cmath>

#include "app/chat/markdown_blocks.h"

namespace sotto::app {
namespace {

bool isItem(const MarkdownBlock& block) {
    return std::any_of(block.containers.begin(), block.containers.end(),
                       [](const BlockContainer& around) { return !around.isQuote(); });
}

double gapAbove(const BlockListModel& blocks, int row) {
    if (row == 0) return 0;
    const MarkdownBlock& before = blocks.block(row - 1);
    const MarkdownBlock& block = blocks.block(row);
    if (block.kind == BlockListModel::Heading)
        return before.kind == BlockListModel::Heading ? 8 : 20;
    if (before.kind == BlockListModel::Heading) return 6;
    const bool isOneList = isItem(block) && isItem(before);
    return isOneList && !blocks.beginsList(row) ? 4 : 12;
}

bool touches(const ColumnSpan& one, const ColumnSpan& other) {
    return one.bottom >= other.top && one.top <= other.bottom;
}

}  // namespace

void NearBlocks::setBlocks(BlockListModel* blocks) {
    if (m_blocks != nullptr) m_blocks->disconnect(this);
    beginResetModel();
    m_made.clear();
    m_heights.clear();
    m_blocks = blocks;
    endResetModel();
    if (m_blocks != nullptr) {
        connect(m_blocks, &QAbstractItemModel::rowsInserted, this,
                [this](const QModelIndex&, int first, int last) { insert(first, last); });
        connect(m_blocks, &QAbstractItemModel::rowsRemoved, this,
                [this](const QModelIndex&, int first, int last) { remove(first, last); });
        connect(m_blocks, &QAbstractItemModel::dataChanged, this,
                [this](const QModelIndex& first, const QModelIndex& last, const QList<int>& roles) {
                    change(first.row(), last.row(), roles);
                });
        connect(m_blocks, &QObject::destroyed, this, [this] { setBlocks(nullptr); });
        if (m_blocks->rowCount() > 0) insert(0, m_blocks->rowCount() - 1);
    }
    m_isPlaced = false;
    emit totalChanged();
    emit displaced();
}

void NearBlocks::setStyles(const BlockStyles& styles) {
    if (m_meter.setStyles(styles)) estimateUnmade();
}

void NearBlocks::setWidth(double width) {
    if (width == m_width) return;
    m_width = width;
    estimateUnmade();
}

double NearBlocks::estimate(int block) const {
    return gapAbove(*m_blocks, block) + m_meter.height(m_blocks->block(block), m_width);
}

void NearBlocks::estimateUnmade() {
    for (int block = 0; block < total(); ++block)
        if (!isMade(block)) m_heights[static_cast<std::size_t>(block)] = estimate(block);
    m_isPlaced = false;
    emit displaced();
}

void NearBlocks::setHeight(int block, double height) {
    if (block < 0 || block >= total()) return;
    double& held = m_heights[static_cast<std::size_t>(block)];
    if (height == held) return;
    held = height;
    m_isPlaced = false;
    emit displaced();
}

bool NearBlocks::place() {
    if (m_isPlaced) return false;
    m_isPlaced = true;
    m_tops.resize(m_heights.size() + 1);
    for (std::size_t block = 0; block < m_heights.size(); ++block)
        m_tops[block + 1] = m_tops[block] + m_heights[block];
    tellMade(0, {TopRole});
    return true;
}

ColumnSpan NearBlocks::spanOf(int block) const {
    if (block < 0 || block + 1 >= static_cast<int>(m_tops.size())) return {extent(), extent()};
    const auto at = static_cast<std::size_t>(block);
    return {m_tops[at], m_tops[at + 1]};
}

int NearBlocks::blockAt(double y) const {
    const auto after = std::upper_bound(m_tops.begin(), m_tops.end(), y);
    return std::min(total() - 1, std::max(0, static_cast<int>(after - m_tops.begin()) - 1));
}

// --- which are made ------------------------------------------------------------------------------

bool NearBlocks::isMade(int block) const {
    return std::binary_search(m_made.begin(), m_made.end(), block);
}

void NearBlocks::make(int block) {
    const auto at = std::lower_bound(m_made.begin(), m_made.end(), block);
    const int row = static_cast<int>(at - m_made.begin());
    beginInsertRows({}, row, row);
    m_made.insert(at, block);
    endInsertRows();
}

void NearBlocks::unmake(int row) {
    beginRemoveRows({}, row, row);
    m_made.erase(m_made.begin() + row);
    endRemoveRows();
}

// What is seen comes first, then what is nearest to it.
std::vector<int> NearBlocks::wanted(const Wish& wish) const {
    std::vector<int> wanted;
    if (total() == 0) return wanted;
    const auto isCode = [this](int block) {
        return m_blocks->block(block).kind == BlockListModel::Code;
    };
    const auto addCodeAround = [&](int first, int last) {
        while (first >= 0 && !isCode(first)) --first;
        while (last < total() && !isCode(last)) ++last;
        if (first >= 0) wanted.push_back(first);
        if (last < total()) wanted.push_back(last);
    };
    const int first = total() <= kFew ? 0 : blockAt(wish.nearby.top);
    const int last = total() <= kFew ? total() - 1 : blockAt(wish.nearby.bottom);
    for (int block = first; block <= last; ++block) wanted.push_back(block);
    addCodeAround(first - 1, last + 1);
    addCodeAround(total() - 1, 0);
    if (wish.focused >= 0) {
        wanted.push_back(wish.focused);
        addCodeAround(wish.focused - 1, wish.focused + 1);
    }
    std::sort(wanted.begin(), wanted.end());
    wanted.erase(std::unique(wanted.begin(), wanted.end()), wanted.end());
    const auto distance = [&](int block) {
        const ColumnSpan span = spanOf(block);
        return std::max({0.0, wish.seen.top - span.bottom, span.top - wish.seen.bottom});
    };
    std::stable_sort(wanted.begin(), wanted.end(),
                     [&](int one, int other) { return distance(one) < distance(other); });
    return wanted;
}

bool NearBlocks::show(const Wish& wish) {
    if (m_blocks == nullptr) return true;
    QElapsedTimer timer;
    timer.start();
    const std::vector<int> all = wanted(wish);
    for (int row = rowCount() - 1; row >= 0; --row) {
        const int block = m_made[static_cast<std::size_t>(row)];
        const bool isKept = touches(spanOf(block), wish.kept) ||
                            std::find(all.begin(), all.end(), block) != all.end();
        if (!isKept) unmake(row);
    }
    // With the block above what is seen, by which its place is kept (ReadingPlace).
    const int firstSeen = total() <= kFew ? 0 : blockAt(wish.seen.top) - 1;
    const int lastSeen = total() <= kFew ? total() - 1 : blockAt(wish.seen.bottom);
    bool isTimeLeft = wish.mostMs > 0;  // for one in any case, so that there is an end
    for (const int block : all) {
        if (isMade(block)) continue;
        const bool isSeen = block >= firstSeen && block <= lastSeen;
        if (!isSeen && !isTimeLeft) return false;
        make(block);
        isTimeLeft = static_cast<double>(timer.nsecsElapsed()) < wish.mostMs * 1e6;
    }
    return true;
}

// --- what the answer's blocks do -----------------------------------------------------------------

void NearBlocks::insert(int first, int last) {
    const int nNew = last - first + 1;
    m_heights.insert(m_heights.begin() + first, static_cast<std::size_t>(nNew), 0);
    for (int& block : m_made)
        if (block >= first) block += nNew;
    for (int block = first; block <= last; ++block)
        m_heights[static_cast<std::size_t>(block)] = estimate(block);
    m_isPlaced = false;
    tellMade(last + 1, {RowRole, GapRole, OutsideRole});
    emit totalChanged();
    emit displaced();
}

void NearBlocks::remove(int first, int last) {
    for (int row = rowCount() - 1; row >= 0; --row) {
        const int block = m_made[static_cast<std::size_t>(row)];
        if (block >= first && block <= last) unmake(row);
    }
    for (int& block : m_made)
        if (block > last) block -= last - first + 1;
    m_heights.erase(m_heights.begin() + first, m_heights.begin() + last + 1);
    m_isPlaced = false;
    tellMade(first, {RowRole, GapRole, OutsideRole});
    emit totalChanged();
    emit displaced();
}

void NearBlocks::change(int first, int last, const QList<int>& roles) {
    for (int block = first; block <= last; ++block) {
        if (!isMade(block)) setHeight(block, estimate(block));
        const auto row = std::lower_bound(m_made.begin(), m_made.end(), block) - m_made.begin();
        if (!isMade(block)) continue;
        const QModelIndex changed = index(static_cast<int>(row));
        emit dataChanged(changed, changed, roles);
    }
    // The gap below depends on the kind of block and on what is around it.
    if (roles.isEmpty()) tellMade(last + 1, {GapRole, OutsideRole});
}

// Of blocks from this one on.
void NearBlocks::tellMade(int first, const QList<int>& roles) {
    const auto row = std::lower_bound(m_made.begin(), m_made.end(), first) - m_made.begin();
    if (row < rowCount())
        emit dataChanged(index(static_cast<int>(row)), index(rowCount() - 1), roles);
}

// --- the model -----------------------------------------------------------------------------------

int NearBlocks::rowCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : static_cast<int>(m_made.size());
}

QVariant NearBlocks::data(const QModelIndex& index, int role) const {
    if (!checkIndex(index, CheckIndexOption::IndexIsValid | CheckIndexOption::ParentIsInvalid) ||
        m_blocks == nullptr)
        return {};
    const int block = m_made[static_cast<std::size_t>(index.row())];
    switch (role) {
        case RowRole: return block;
        case TopRole: return spanOf(block).top;
        case GapRole: return gapAbove(*m_blocks, block);
        case OutsideRole:
            return QVariant::fromValue(block == 0 ? QList<BlockContainer>()
                                                  : m_blocks->block(block - 1).containers);
        default: return m_blocks->data(m_blocks->index(block), role);
    }
}

QHash<int, QByteArray> NearBlocks::roleNames() const {
    QHash<int, QByteArray> names =
        m_blocks == nullptr ? BlockListModel().roleNames() : m_blocks->roleNames();
    names.insert({{RowRole, "row"},
                  {TopRole, "blockTop"},
                  {GapRole, "gap"},
                  {OutsideRole, "containersBefore"}});
    return names;
}

}  // namespace sotto::app
