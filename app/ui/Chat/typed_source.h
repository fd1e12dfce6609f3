// TypedSource: plain text of any length as it was typed or thought, in chunks of some dozens of
// lines; what stands between backticks and fences is in the font of code, nothing else is changed.
//
// A short text is one chunk. A long one may be folded to its first lines. Heights are estimated and
// known when a chunk has been made. GUI thread only.
#pragma once

#include <QQmlEngine>
#include <vector>

#include "app/ui/Chat/chunk_model.h"
#include "app/ui/Chat/text_source.h"
#include "app/ui/Chat/text_style.h"
#include "app/ui/Chat/wrap_meter.h"

namespace sotto::app {

class TypedSource : public sotto::app::TextSource {
    Q_OBJECT
    QML_ELEMENT
    Q_PROPERTY(QString text MEMBER m_text WRITE setText NOTIFY textChanged)
    Q_PROPERTY(sotto::app::TextStyle* style MEMBER m_style WRITE setStyle NOTIFY shapeChanged)
    Q_PROPERTY(double width MEMBER m_width WRITE setWidth NOTIFY shapeChanged)  // px of its lines
    Q_PROPERTY(bool isFolded MEMBER m_isFolded WRITE setFolded NOTIFY shapeChanged)
    Q_PROPERTY(sotto::app::ChunkModel* chunks READ chunks CONSTANT)
    // How many lines are shown of a folded text.
    Q_PROPERTY(int foldedLines MEMBER m_foldedLines WRITE setFoldedLines NOTIFY shapeChanged)
    // More than twice as many, so that there is something to fold.
    Q_PROPERTY(bool isLong READ isLong NOTIFY chunksChanged)
    Q_PROPERTY(double bytes READ bytes NOTIFY textChanged)  // as UTF-8

public:
    static constexpr int kChunkSize = 4096;  // characters, about

    explicit TypedSource(QObject* parent = nullptr);

    void setText(const QString& text);
    void setStyle(TextStyle* style);
    void setWidth(double width);
    void setFolded(bool isFolded);
    void setFoldedLines(int lines);
    ChunkModel* chunks() { return &m_chunks; }
    bool isLong() const { return m_isLong; }
    double bytes() const;

    InlineText part(int part) const override;
    int partStart(int part) const override;
    bool goesOn(int part) const override;

signals:
    void textChanged();
    void shapeChanged();
    void chunksChanged();

private:
    struct Chunk {
        qsizetype start = 0;
        qsizetype end = 0;  // its line end is in neither this nor the next
        QString fence;      // that is open where it begins; empty: none
    };

    void cut(qsizetype nKept);
    void measure(qsizetype first);

    QString m_text;
    TextStyle* m_style = nullptr;
    double m_width = 0;
    bool m_isFolded = false;
    int m_foldedLines = 20;
    bool m_isLong = false;
    WrapMeter m_meter;
    std::vector<Chunk> m_cuts;
    ChunkModel m_chunks;
};

}  // namespace sotto::app
