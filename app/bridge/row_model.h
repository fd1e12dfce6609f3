// RowModel: a list model whose rows become those of a new list with as little told to its views as
// possible: their place, their focus and an open rename field survive most changes.
#pragma once

#include <QAbstractListModel>
#include <QQmlEngine>
#include <algorithm>
#include <cstddef>
#include <utility>
#include <vector>

namespace sotto::app {

// Models name it with its namespaces (`: public sotto::app::RowModel`): the registrar of QML types
// looks a base up by what moc read, and a model whose base it does not find is no QObject to
// qmllint.
class RowModel : public QAbstractListModel {
    Q_OBJECT
    QML_ANONYMOUS

protected:
    using QAbstractListModel::QAbstractListModel;

    enum class Follow { Came, Moved, Stayed };

    // Between the ends that both lists share the rows of `wanted` stand afterwards, told as one
    // removal and one insertion. Rows are the same when isSameItem() says so: what else changed in
    // the others is the caller's to take and to tell.
    template <typename Row>
    void replaceMiddle(std::vector<Row>& rows, const std::vector<Row>& wanted);
    // The same, and of rows that differ (==) the new ones, each told.
    template <typename Row>
    void replaceRows(std::vector<Row>& rows, std::vector<Row> wanted);
    // Rows go, come and move one by one. take(row, Row&& wanted, Follow) for each of them in order;
    // one that came stands there already, the others are for it to take and to tell. True: the
    // order is another, or has others in it.
    template <typename Row, typename Key, typename Take>
    bool followRows(std::vector<Row>& rows, std::vector<Row> wanted, Key Row::*key, Take take);
};

template <typename Row>
void RowModel::replaceMiddle(std::vector<Row>& rows, const std::vector<Row>& wanted) {
    const std::size_t nShorter = std::min(rows.size(), wanted.size());
    std::size_t nFront = 0, nBack = 0;
    while (nFront < nShorter && wanted[nFront].isSameItem(rows[nFront])) ++nFront;
    while (nBack < nShorter - nFront &&
           wanted[wanted.size() - 1 - nBack].isSameItem(rows[rows.size() - 1 - nBack]))
        ++nBack;
    const auto first = static_cast<std::ptrdiff_t>(nFront);
    const auto behind = static_cast<std::ptrdiff_t>(nBack);
    const int row = static_cast<int>(nFront);
    if (rows.size() > nFront + nBack) {
        beginRemoveRows({}, row, static_cast<int>(rows.size() - nBack) - 1);
        rows.erase(rows.begin() + first, rows.end() - behind);
        endRemoveRows();
    }
    if (wanted.size() > nFront + nBack) {
        beginInsertRows({}, row, static_cast<int>(wanted.size() - nBack) - 1);
        rows.insert(rows.begin() + first, wanted.begin() + first, wanted.end() - behind);
        endInsertRows();
    }
}

template <typename Row>
void RowModel::replaceRows(std::vector<Row>& rows, std::vector<Row> wanted) {
    replaceMiddle(rows, wanted);
    for (std::size_t row = 0; row < wanted.size(); ++row) {
        if (rows[row] == wanted[row]) continue;
        rows[row] = std::move(wanted[row]);
        const QModelIndex there = index(static_cast<int>(row));
        emit dataChanged(there, there);
    }
}

template <typename Row, typename Key, typename Take>
bool RowModel::followRows(std::vector<Row>& rows, std::vector<Row> wanted, Key Row::*key,
                          Take take) {
    bool isOrderNew = false;
    for (int row = static_cast<int>(rows.size()) - 1; row >= 0; --row) {
        const auto at = rows.begin() + row;
        if (std::ranges::find(wanted, (*at).*key, key) != wanted.end()) continue;
        beginRemoveRows({}, row, row);
        rows.erase(at);
        endRemoveRows();
        isOrderNew = true;
    }
    for (int row = 0; row < static_cast<int>(wanted.size()); ++row) {
        Row& next = wanted[static_cast<std::size_t>(row)];
        const auto found = std::ranges::find(rows, next.*key, key);
        if (found == rows.end()) {
            beginInsertRows({}, row, row);
            rows.insert(rows.begin() + row, next);
            endInsertRows();
            isOrderNew = true;
            take(row, std::move(next), Follow::Came);
            continue;
        }
        // The rows above are in their places already, so it can only stand further down.
        const int from = static_cast<int>(found - rows.begin());
        if (from != row) {
            beginMoveRows({}, from, from, {}, row);
            std::rotate(rows.begin() + row, found, found + 1);
            endMoveRows();
            isOrderNew = true;
        }
        take(row, std::move(next), from == row ? Follow::Stayed : Follow::Moved);
    }
    return isOrderNew;
}

}  // namespace sotto::app
