// NearBlocks: the blocks of an answer as a column, of which only those near the viewport are rows,
// so that a long answer costs no more than a short one.
//
// Heights are estimated until a block has been made and tells its own; they are kept when it goes
// again. A BlockColumn says what is seen of the column. GUI thread only.
#pragma once

#include <QAbstractListModel>
#include <QPointer>
#include <QQmlEngine>
#include <vector>

#include "app/chat/block_list_model.h"
#include "app/ui/Chat/block_meter.h"

namespace sotto::app {

// A part of the column, px from its top.
struct ColumnSpan {
    double top = 0;
    double bottom = 0;
};

class NearBlocks : public QAbstractListModel {
    Q_OBJECT
    QML_ELEMENT
    QML_UNCREATABLE("owned by BlockColumn")
    Q_PROPERTY(int total READ total NOTIFY totalChanged)  // blocks, made or not

public:
    enum Role {
        RowRole = BlockListModel::AlignmentsRole + 1,  // int: of the block in its answer
        TopRole,                                       // double, px from the column's top
        GapRole,      // double, px of the block's height that are left free above it
        OutsideRole,  // QList<BlockContainer> of the block before it
    };
    // role names: those of BlockListModel and row blockTop gap containersBefore

    // So many are all made at once and stay.
    static constexpr int kFew = 16;

    using QAbstractListModel::QAbstractListModel;

    void setBlocks(BlockListModel* blocks);
    BlockListModel* blocks() const { return m_blocks; }
    void setStyles(const BlockStyles& styles);
    void setWidth(double width);

    // What a block that has been made is high, its gap included.
    Q_INVOKABLE void setHeight(int block, double height);
    // Brings the places up to date. True when any is another.
    bool place();

    int total() const { return static_cast<int>(m_heights.size()); }
    double extent() const { return m_tops.back(); }
    ColumnSpan spanOf(int block) const;
    // The block at a height of the column; the nearest one beyond its ends. -1: there is none.
    int blockAt(double y) const;

    // Unmakes what is beyond `kept`, makes what touches `seen`, then what touches `nearby`, the
    // nearest first, until `mostMs` have passed. Of code the first, the last and the next ones
    // around what is near and around `focused` (-1: none) are made too, so that Tab finds their
    // buttons. False: there is more to make.
    struct Wish {
        ColumnSpan seen;
        ColumnSpan nearby;
        ColumnSpan kept;
        int focused = -1;
        double mostMs = 0;
    };
    bool show(const Wish& wish);

    int rowCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role) const override;
    QHash<int, QByteArray> roleNames() const override;

signals:
    void totalChanged();
    void displaced();  // place() and show() are to be called

private:
    bool isMade(int block) const;
    void make(int block);
    void unmake(int row);
    double estimate(int block) const;
    void estimateUnmade();
    void insert(int first, int last);
    void remove(int first, int last);
    void change(int first, int last, const QList<int>& roles);
    std::vector<int> wanted(const Wish& wish) const;
    void tellMade(int first, const QList<int>& roles);

    QPointer<BlockListModel> m_blocks;
    BlockMeter m_meter;
    double m_width = 0;             // px
    std::vector<double> m_heights;  // px, of every block
    std::vector<double> m_tops{0};  // px, of every block, and the bottom of the last
    std::vector<int> m_made;        // blocks that are rows, in order
    bool m_isPlaced = true;
};

}  // namespace sotto::app
