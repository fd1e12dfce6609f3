// CodeSource: the lines of a code block in chunks of a fixed number of lines. Lines are never
// wrapped, so all heights are known. Code that grows changes only its last chunks. GUI thread only.
#pragma once

#include <QPointer>
#include <QQmlEngine>
#include <vector>

#include "app/chat/code_highlighter.h"
#include "app/ui/Chat/block_source.h"
#include "app/ui/Chat/chunk_model.h"
#include "app/ui/Chat/text_style.h"

namespace sotto::app {

class CodeSource : public sotto::app::BlockSource {
    Q_OBJECT
    QML_ELEMENT
    Q_PROPERTY(sotto::app::TextStyle* style READ style WRITE setStyle NOTIFY shapeChanged)
    Q_PROPERTY(sotto::app::ChunkModel* chunks READ chunks CONSTANT)
    Q_PROPERTY(double textWidth READ textWidth NOTIFY textWidthChanged)  // px, of the widest line
    Q_PROPERTY(double tabWidth READ tabWidth NOTIFY shapeChanged)        // px

public:
    static constexpr qsizetype kChunkLines = 64;

    using BlockSource::BlockSource;

    TextStyle* style() const { return m_style; }
    void setStyle(TextStyle* style);
    ChunkModel* chunks() { return &m_chunks; }
    double textWidth() const { return m_textWidth; }
    double tabWidth() const { return 4 * m_digitWidth; }

    InlineText part(int part) const override;
    int partStart(int part) const override;

signals:
    void textWidthChanged();

private:
    void takeBlock(const MarkdownBlock& block) override;
    void restyle();
    void measure(qsizetype firstLine);
    double widthOf(const QString& line) const;

    QPointer<TextStyle> m_style;
    QList<CodeLine> m_lines;
    std::vector<double> m_widths;  // px, of each line
    double m_textWidth = 0;
    double m_digitWidth = 0;
    ChunkModel m_chunks;
};

}  // namespace sotto::app
