// ChunkModel: something long as a column of chunks, of which only those near the viewport are rows.
//
// Whoever owns it says how high every chunk is; a ChunkArea says what is seen of the column. Until
// then there are no rows. GUI thread only.
#pragma once

#include <QAbstractListModel>
#include <QQmlEngine>
#include <map>
#include <utility>
#include <vector>

namespace sotto::app {

class ChunkModel : public QAbstractListModel {
    Q_OBJECT
    QML_ELEMENT
    QML_UNCREATABLE("owned by what is cut into chunks")
    Q_PROPERTY(int total READ total NOTIFY extentChanged)       // chunks, seen or not
    Q_PROPERTY(double extent READ extent NOTIFY extentChanged)  // px, of all of them

public:
    enum Role {
        ChunkRole = Qt::UserRole + 1,  // int: which of all chunks
        TopRole,                       // double, px from the top of the column
        SizeRole,                      // double, px
    };
    // role names: chunk chunkTop chunkSize

    using QAbstractListModel::QAbstractListModel;

    // px of every chunk. Rows whose chunk is still there stay.
    void setSizes(const std::vector<double>& sizes);
    // What was estimated is known now. All that become known together are taken together, later:
    // the caller may be a row that the model is just making.
    Q_INVOKABLE void setSize(int chunk, double size);
    // What is seen of the column, in px, is made at once; what lies within `margin` px above and
    // below it by one chunk with each call, so that no frame takes long. True: there is more.
    bool show(double top, double bottom, double margin);

    int total() const { return static_cast<int>(m_tops.size()) - 1; }
    double extent() const { return m_tops.back(); }
    double top(int chunk) const { return m_tops[static_cast<std::size_t>(chunk)]; }
    double size(int chunk) const { return top(chunk + 1) - top(chunk); }

    int rowCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role) const override;
    QHash<int, QByteArray> roleNames() const override;

signals:
    void extentChanged();

private:
    std::pair<int, int> chunksIn(double top, double bottom) const;  // [first, last), at least one
    void setRange(int first, int last);
    void tellPlaces();
    void takeKnown();

    std::vector<double> m_tops{0};  // of every chunk, and the bottom of the last
    int m_first = 0;                // chunks that are rows: [first, last)
    int m_last = 0;
    std::map<int, double> m_known;  // px, by chunk
};

}  // namespace sotto::app
