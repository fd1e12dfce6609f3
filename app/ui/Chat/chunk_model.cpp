#include "app/ui/Chat/chunk_model.h"

#include <algorithm>

namespace sotto::app {

void ChunkModel::setSizes(const std::vector<double>& sizes) {
    if (!m_known.empty()) takeKnown();
    const int nChunks = static_cast<int>(sizes.size());
    if (nChunks < m_last) setRange(std::min(m_first, std::max(0, nChunks - 1)), nChunks);
    std::vector<double> tops(sizes.size() + 1, 0);
    for (std::size_t chunk = 0; chunk < sizes.size(); ++chunk)
        tops[chunk + 1] = tops[chunk] + sizes[chunk];
    if (tops == m_tops) return;
    m_tops = std::move(tops);
    tellPlaces();
}

void ChunkModel::setSize(int chunk, double size) {
    if (m_known.empty())
        QMetaObject::invokeMethod(this, &ChunkModel::takeKnown, Qt::QueuedConnection);
    m_known[chunk] = size;
}

void ChunkModel::takeKnown() {
    if (m_known.empty()) return;
    double growth = 0;
    const std::vector<double> before = m_tops;
    for (int chunk = m_known.begin()->first; chunk < total(); ++chunk) {
        const auto at = static_cast<std::size_t>(chunk);
        const auto known = m_known.find(chunk);
        if (known != m_known.end()) growth += known->second - (before[at + 1] - before[at]);
        m_tops[at + 1] = before[at + 1] + growth;
    }
    m_known.clear();
    if (m_tops != before) tellPlaces();
}

void ChunkModel::tellPlaces() {
    if (m_last > m_first) emit dataChanged(index(0), index(m_last - m_first - 1));
    emit extentChanged();
}

std::pair<int, int> ChunkModel::chunksIn(double top, double bottom) const {
    const auto after = std::upper_bound(m_tops.begin(), m_tops.end(), top);
    const int first = std::clamp(static_cast<int>(after - m_tops.begin()) - 1, 0, total() - 1);
    const auto end = std::lower_bound(m_tops.begin(), m_tops.end(), bottom);
    return {first, std::clamp(static_cast<int>(end - m_tops.begin()), first + 1, total())};
}

bool ChunkModel::show(double top, double bottom, double margin) {
    // Nothing of it is near: what is there stays, so that coming back costs nothing.
    if (total() == 0 || bottom + margin <= 0 || top - margin >= extent()) return false;
    const auto [firstSeen, lastSeen] = chunksIn(top, bottom);
    const auto [firstNear, lastNear] = chunksIn(top - margin, bottom + margin);
    const bool isElsewhere = m_first >= lastNear || m_last <= firstNear;
    int first = isElsewhere ? firstSeen : std::min(firstSeen, std::max(firstNear, m_first));
    int last = isElsewhere ? lastSeen : std::max(lastSeen, std::min(lastNear, m_last));
    const bool isLonger = first < m_first || last > m_last;
    if (!isLonger && last < lastNear)
        ++last;
    else if (!isLonger && first > firstNear)
        --first;
    setRange(first, last);
    return first > firstNear || last < lastNear;
}

void ChunkModel::setRange(int first, int last) {
    if (first >= m_last || last <= m_first) {  // nothing in common
        if (m_last > m_first) {
            beginRemoveRows({}, 0, m_last - m_first - 1);
            m_last = m_first;
            endRemoveRows();
        }
        m_first = m_last = first;
        if (last > first) {
            beginInsertRows({}, 0, last - first - 1);
            m_last = last;
            endInsertRows();
        }
        return;
    }
    if (first > m_first) {
        beginRemoveRows({}, 0, first - m_first - 1);
        m_first = first;
        endRemoveRows();
    }
    if (last < m_last) {
        beginRemoveRows({}, last - m_first, m_last - m_first - 1);
        m_last = last;
        endRemoveRows();
    }
    if (first < m_first) {
        beginInsertRows({}, 0, m_first - first - 1);
        m_first = first;
        endInsertRows();
    }
    if (last > m_last) {
        beginInsertRows({}, m_last - m_first, last - m_first - 1);
        m_last = last;
        endInsertRows();
    }
}

int ChunkModel::rowCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : m_last - m_first;
}

QVariant ChunkModel::data(const QModelIndex& index, int role) const {
    if (!checkIndex(index, CheckIndexOption::IndexIsValid | CheckIndexOption::ParentIsInvalid))
        return {};
    const int chunk = m_first + index.row();
    switch (role) {
        case ChunkRole: return chunk;
        case TopRole: return chunk < total() ? top(chunk) : extent();
        case SizeRole: return chunk < total() ? size(chunk) : 0.0;
        default: return {};
    }
}

QHash<int, QByteArray> ChunkModel::roleNames() const {
    return {{ChunkRole, "chunk"}, {TopRole, "chunkTop"}, {SizeRole, "chunkSize"}};
}

}  // namespace sotto::app
