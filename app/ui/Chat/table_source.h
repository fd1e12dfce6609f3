// TableSource: the cells of a table, and where they stand: columns as wide as their widest cell up
// to a limit, rows as high as their highest one, in chunks of some rows. Part `n` is cell `n`, row
// by row, the header first. GUI thread only.
#pragma once

#include <QPointer>
#include <QQmlEngine>
#include <QRectF>
#include <vector>

#include "app/ui/Chat/block_source.h"
#include "app/ui/Chat/chunk_model.h"
#include "app/ui/Chat/text_style.h"

namespace sotto::app {

class TableSource : public sotto::app::BlockSource {
    Q_OBJECT
    QML_ELEMENT
    Q_PROPERTY(sotto::app::TextStyle* style READ style WRITE setStyle NOTIFY shapeChanged)
    Q_PROPERTY(sotto::app::TextStyle* headerStyle READ headerStyle WRITE setHeaderStyle NOTIFY
                   shapeChanged)
    Q_PROPERTY(sotto::app::ChunkModel* chunks READ chunks CONSTANT)
    Q_PROPERTY(double tableWidth READ tableWidth NOTIFY placesChanged)  // px
    Q_PROPERTY(int columns READ columns NOTIFY placesChanged)
    Q_PROPERTY(int rows READ rows NOTIFY placesChanged)          // with the header
    Q_PROPERTY(int revision READ revision NOTIFY placesChanged)  // of all places

public:
    static constexpr int kChunkRows = 4;  // made at once while scrolling, some 5 ms for 4 columns
    static constexpr double kMostWidth = 320;  // px, of a column's text
    static constexpr double kPaddingX = 14;    // px, at each side of a cell's text
    static constexpr double kPaddingY = 7;

    using BlockSource::BlockSource;

    TextStyle* style() const { return m_style; }
    void setStyle(TextStyle* style);
    TextStyle* headerStyle() const { return m_headerStyle; }
    void setHeaderStyle(TextStyle* style);
    ChunkModel* chunks() { return &m_chunks; }
    double tableWidth() const { return m_lefts.empty() ? 0 : m_lefts.back(); }
    int columns() const { return m_columns; }
    int rows() const { return static_cast<int>(m_tops.size()) - 1; }
    int revision() const { return m_revision; }

    // Of a cell, from the table's corner, px.
    Q_INVOKABLE QRectF place(int cell) const;
    Q_INVOKABLE int firstCell(int chunk) const { return chunk * kChunkRows * m_columns; }
    Q_INVOKABLE int cellsOf(int chunk) const;

    InlineText part(int part) const override;
    int partStart(int part) const override;

signals:
    void placesChanged();

private:
    void takeBlock(const MarkdownBlock& block) override;
    void remeasure();
    void takeFormula(const QString& tex);
    void measure(qsizetype firstCell);
    TextStyle& styleOf(qsizetype cell) const;

    QPointer<TextStyle> m_style;
    QPointer<TextStyle> m_headerStyle;
    int m_columns = 0;
    bool m_isRightToLeft = false;
    QList<InlineText> m_cells;
    std::vector<double> m_widths;    // px, of each cell's text in one line
    std::vector<double> m_lefts{0};  // px, of each column, and the right of the last
    std::vector<double> m_tops{0};   // px, of each row, and the bottom of the last
    int m_revision = 0;
    ChunkModel m_chunks;
};

}  // namespace sotto::app
