// BlockListModel: one Markdown message cut into blocks, one delegate each; while writing only the
// last blocks change.
//
// Built by markdown_blocks (md4c). GUI thread only.
#pragma once

#include <QAbstractListModel>
#include <QList>
#include <QQmlEngine>
#include <memory>

namespace sotto::app {

struct MarkdownBlock;
struct MarkdownChange;
class MarkdownStream;

class BlockListModel : public QAbstractListModel {
    Q_OBJECT
    QML_ELEMENT
    QML_UNCREATABLE("owned by MessageListModel")

public:
    enum Kind { Paragraph, Heading, Code, Table, Rule, Math };
    Q_ENUM(Kind)

    enum Role {
        KindRole = Qt::UserRole + 1,
        ContentRole,        // InlineText: Paragraph, Heading; Math: its formula
        TextRole,           // QString: code for copying, TeX source of Math, plain text otherwise
        ContainersRole,     // QList<BlockContainer>, outermost first
        IsRightToLeftRole,  // bool: the block's own text
        LevelRole,          // Heading: 1..6
        CodeLinesRole,      // QList<CodeLine> of Code
        LanguageRole,       // Code: info string, may be empty
        ColumnsRole,        // Table: number of columns
        CellContentsRole,   // Table: QList<InlineText>, row by row, header first
        AlignmentsRole,     // Table: QList<int> of Qt::Alignment per column
    };
    Q_ENUM(Role)
    // role names: kind content text containers isRightToLeft level codeLines language
    // columns cellContents alignments

    explicit BlockListModel(QObject* parent = nullptr);
    ~BlockListModel() override;

    // Shows this text and changes only the rows that differ from what was there. Of a text that has
    // grown only what is open is parsed again.
    void setSource(const QString& source);
    const MarkdownStream& stream() const { return *m_stream; }

    const MarkdownBlock& block(int row) const;
    // With it a list begins right behind another one.
    bool beginsList(qsizetype row) const;

    int rowCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role) const override;
    QHash<int, QByteArray> roleNames() const override;

private:
    void extend(const MarkdownChange& change);
    void setRow(qsizetype row, const MarkdownBlock& block);
    void showRows(qsizetype first, const QList<MarkdownBlock>& rows);

    QList<MarkdownBlock> m_blocks;
    std::unique_ptr<MarkdownStream> m_stream;
};

}  // namespace sotto::app
