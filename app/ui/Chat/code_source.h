// CodeSource: the lines of a code block in chunks of a fixed number of lines. Lines are never
// wrapped, so all heights are known. Code that grows changes only its last chunks. GUI thread only.
#pragma once

#include <QPointer>
#include <QQmlEngine>
#include <vector>

#include "app/chat/block_list_model.h"
#include "app/chat/code_highlighter.h"
#include "app/ui/Chat/chunk_model.h"
#include "app/ui/Chat/text_source.h"
#include "app/ui/Chat/text_style.h"

namespace sotto::app {

class CodeSource : public sotto::app::TextSource {
    Q_OBJECT
    QML_ELEMENT
    Q_PROPERTY(sotto::app::BlockListModel* blocks READ blocks WRITE setBlocks NOTIFY shapeChanged)
    Q_PROPERTY(int row MEMBER m_row WRITE setRow NOTIFY shapeChanged)
    Q_PROPERTY(sotto::app::TextStyle* style READ style WRITE setStyle NOTIFY shapeChanged)
    Q_PROPERTY(sotto::app::ChunkModel* chunks READ chunks CONSTANT)
    Q_PROPERTY(double textWidth READ textWidth NOTIFY textWidthChanged)  // px, of the widest line
    Q_PROPERTY(double tabWidth READ tabWidth NOTIFY shapeChanged)        // px

public:
    static constexpr qsizetype kChunkLines = 64;

    explicit CodeSource(QObject* parent = nullptr);

    BlockListModel* blocks() const { return m_blocks; }
    void setBlocks(BlockListModel* blocks);
    void setRow(int row);
    TextStyle* style() const { return m_style; }
    void setStyle(TextStyle* style);
    ChunkModel* chunks() { return &m_chunks; }
    double textWidth() const { return m_textWidth; }
    double tabWidth() const { return 4 * m_digitWidth; }

    InlineText part(int part) const override;
    int partStart(int part) const override;

signals:
    void shapeChanged();
    void textWidthChanged();

private:
    void refresh();
    void restyle();
    void measure(qsizetype firstLine);
    double widthOf(const QString& line) const;

    QPointer<BlockListModel> m_blocks;
    QPointer<TextStyle> m_style;
    int m_row = -1;
    QList<CodeLine> m_lines;
    std::vector<double> m_widths;  // px, of each line
    double m_textWidth = 0;
    double m_digitWidth = 0;
    ChunkModel m_chunks;
};

}  // namespace sotto::app
