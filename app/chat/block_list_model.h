// BlockListModel: one Markdown message cut into blocks, one delegate each; while writing only the
// last blocks change.
//
// Built by markdown_blocks (md4c). Text blocks carry a small HTML subset for TextEdit.RichText that
// uses no colours of its own except links; code carries its source and a highlighted HTML form. GUI
// thread only.
#pragma once

#include <QAbstractListModel>
#include <QList>
#include <QQmlEngine>
#include <memory>

namespace sotto::app {

struct MarkdownBlock;

class BlockListModel : public QAbstractListModel {
    Q_OBJECT
    QML_ELEMENT
    QML_UNCREATABLE("owned by MessageListModel")

public:
    enum Kind { Paragraph, Heading, Code, Table, Quote, ListItem, Rule, Math };
    Q_ENUM(Kind)

    enum Role {
        KindRole = Qt::UserRole + 1,
        HtmlRole,   // Paragraph, Heading, Quote, ListItem: inline HTML. Code: highlighted HTML with
                    // <pre>-safe spaces
        TextRole,   // plain source: code for copying, LaTeX source for Math, plain text otherwise
        LevelRole,  // Heading 1..6; ListItem and Quote: nesting depth from 0
        MarkerRole,      // ListItem: "•", "1.", "☐", "☑"
        LanguageRole,    // Code: info string, may be empty
        IsOpenRole,      // Code: the closing fence has not come yet
        ColumnsRole,     // Table: number of columns
        CellsRole,       // Table: QStringList of inline HTML, row by row, header first
        AlignmentsRole,  // Table: QList<int> of Qt::Alignment per column
    };
    Q_ENUM(Role)
    // role names: kind html text level marker language isOpen columns cells alignments

    explicit BlockListModel(QObject* parent = nullptr);
    ~BlockListModel() override;

    // Shows this text and changes only the rows that differ from what was there. Of a text that has
    // grown only what was not settled is parsed again.
    void setSource(const QString& source);
    // Characters given to the parser so far: what the text has cost.
    qint64 parsedCharacters() const { return m_parsedCharacters; }

    int rowCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role) const override;
    QHash<int, QByteArray> roleNames() const override;

private:
    QList<MarkdownBlock> parse(const QString& source);
    QList<MarkdownBlock> parsePart(const QString& text);
    void show(const QList<MarkdownBlock>& blocks);

    QList<MarkdownBlock> m_blocks;
    QString m_settled;                     // the beginning that nothing that follows can change
    QList<MarkdownBlock> m_settledBlocks;  // its blocks
    qint64 m_parsedCharacters = 0;
};

}  // namespace sotto::app
