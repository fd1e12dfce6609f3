// CompareColumnModel: the columns of a comparison, live or kept, as the page shows them: model,
// measured figures, the answer with what differs in it, how it stands as a sentence, and where a
// model would have gone another way in the reference's answer.
//
// The first row is the reference. GUI thread only.
#pragma once

#include <QAbstractListModel>
#include <QQmlEngine>
#include <QVariantList>
#include <memory>
#include <vector>

#include "app/bridge/language_watch.h"
#include "app/core/compare/comparison_report.h"

namespace sotto::app {

class NumberFormat;

class CompareColumnModel : public QAbstractListModel {
    Q_OBJECT
    QML_ELEMENT
    QML_UNCREATABLE("owned by CompareController")
    Q_PROPERTY(int count READ count NOTIFY countChanged)

public:
    enum State { Idle, Waiting, Loading, Reading, Writing, Done, Stopped, Failed };
    Q_ENUM(State)

    enum Role {
        NameRole = Qt::UserRole + 1,
        QuantizationRole,
        PathRole,
        FileBytesRole,
        IsReferenceRole,
        StateRole,
        ProgressRole,     // Loading, Reading: 0..1
        SpeedRole,        // tokens/s; 0: not yet
        SpeedLimitRole,   // tokens/s; 0: not known
        MbuRole,          // 0..1; 0: not measured
        BandwidthRole,    // GB/s
        MemoryBytesRole,  // weights, KV cache and scratch; 0: not yet
        IsOnCardRole,
        TtftRole,           // ms
        DetailRole,         // bits per weight, joules per token: a line
        TokenCountRole,     // written
        AnswerRole,         // the text
        CommonLengthRole,   // of it, UTF-16 units: as in the reference
        MarkRole,           // {begin, length} of the first difference; empty: none
        ChangesRole,        // the same of the words behind it
        HasDifferenceRole,  // bool
        FootRole,           // how it stands to the reference, a sentence
        ProblemRole,        // Failed: sentence and remedy
        // Of a column that was asked where it would have gone another way in the reference's
        // answer: "otherwise at 7 of 91 tokens of F16", 7 (-1: it was not asked), and whether that
        // is what is marked there.
        ForcedTextRole,
        ForcedCountRole,
        IsMarkedRole,
        // Of the reference: the marked places, rows of {begin, length, text}.
        OtherWaysRole,
    };
    Q_ENUM(Role)
    // role names: name quantization path fileBytes isReference columnState progress speed
    // speedLimit mbu bandwidth memoryBytes isOnCard ttft detail tokenCount answer commonLength mark
    // changes hasDifference foot problem forcedText forcedCount isMarked
    // otherWays

    explicit CompareColumnModel(QObject* parent = nullptr);
    ~CompareColumnModel() override;

    // isBegun: of a run, under way or kept; else models that are chosen.
    void show(std::vector<ReportColumn> columns, bool isBegun);
    // What has become of them, in their order.
    void update(const std::vector<ComparedColumn>& results);
    void takeForced(int column, const ForcedReading& reading);
    void markForced(int column);
    const std::vector<ReportColumn>& columns() const { return m_columns; }

    int count() const { return rowCount(); }
    int rowCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role) const override;
    QHash<int, QByteArray> roleNames() const override;

signals:
    void countChanged();

private:
    struct Comparison;

    QVariant figure(const ReportColumn& column, int role) const;
    QVariant difference(std::size_t row, int role) const;
    State stateOf(const ReportColumn& column) const;
    QString foot(std::size_t row) const;
    QString detail(const ReportColumn& column) const;
    bool compare(std::size_t row);
    void tellAll();
    void placeForced();
    QVariant forced(std::size_t row, int role) const;

    std::unique_ptr<NumberFormat> m_format;
    LanguageWatch m_language;
    std::vector<ReportColumn> m_columns;
    std::vector<Comparison> m_comparisons;  // of each, of the first none
    bool m_isBegun = false;
    int m_markedColumn = -1;   // whose other ways stand in the reference's answer; -1: none
    QVariantList m_otherWays;  // of that
};

}  // namespace sotto::app
