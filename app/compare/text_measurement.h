// TextMeasurement: what the columns' models lose against the reference on a text, by the field's
// protocol (engine/api/compare_text.h), as a job of the processor's lane that is shown and can be
// stopped.
//
// A row for each column of the page, with what the run measured of its speed. Owned by AppFacade;
// borrows all of its parts. GUI thread only.
#pragma once

#include <QAbstractListModel>
#include <QQmlEngine>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "app/bridge/language_watch.h"
#include "app/compare/reading_job.h"
#include "app/core/compare/comparison_report.h"
#include "engine/api/compare_text.h"

namespace sotto::app {

class TextMeasurement : public QAbstractListModel {
    Q_OBJECT
    QML_ELEMENT
    QML_UNCREATABLE("owned by AppFacade")
    Q_PROPERTY(State state READ state NOTIFY changed)
    Q_PROPERTY(int count READ count NOTIFY changed)
    Q_PROPERTY(double share READ share NOTIFY progressed)  // Running: 0..1
    Q_PROPERTY(QString progressText READ progressText NOTIFY progressed)
    Q_PROPERTY(QString problem READ problem NOTIFY changed)  // why the last one ended without
    Q_PROPERTY(QString subject READ subject NOTIFY changed)  // "built-in text, 65,536 tokens, 41 s"
    Q_PROPERTY(QString reference READ reference NOTIFY changed)  // "F16"
    Q_PROPERTY(QString summary READ summary NOTIFY changed)      // in plain words, a line per model
    Q_PROPERTY(bool canMeasure READ canMeasure NOTIFY changed)
    // Of the chart: rows of {label, gigabytes, loss} of what was measured; loss 0: the reference.
    Q_PROPERTY(QVariantList points READ points NOTIFY changed)

public:
    enum State { Idle, Running, Done };
    Q_ENUM(State)
    enum Role {
        LabelRole = Qt::UserRole + 1,
        FileBytesRole,
        AgreementRole,   // text: "98.9 %", "reference", "–"
        KlMeanRole,      // text
        KlP99Role,       // text
        PerplexityRole,  // text
        SpeedRole,       // tokens/s; 0: not measured
        MbuRole,         // 0..1; 0: not measured
        MemoryBytesRole,
        IsMeasuredRole,
        PlainTextRole,  // "96.4 % same next word, 1.9 × faster, 7.1 GiB less"
    };
    Q_ENUM(Role)
    // role names: label fileBytes agreement klMean klP99 perplexity speed mbu memoryBytes
    // isMeasured plainText

    struct Parts {
        ReadingJob::Parts reading;
        std::string textPath;  // of the built-in text; empty: not installed
    };
    explicit TextMeasurement(Parts parts, QObject* parent = nullptr);
    ~TextMeasurement() override;

    Q_INVOKABLE void measure();
    Q_INVOKABLE void stop() { m_job.stop(); }

    State state() const { return m_job.isRunning() ? Running : hasResult() ? Done : Idle; }
    int count() const { return rowCount(); }
    double share() const { return m_job.share(); }
    QString progressText() const;
    QString problem() const;
    QString subject() const;
    QString reference() const;
    QString summary() const;
    bool canMeasure() const;
    QVariantList points() const;

    int rowCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role) const override;
    QHash<int, QByteArray> roleNames() const override;

signals:
    void changed();
    void progressed();

private:
    struct Measured {
        std::vector<TextComparisonRow> rows;
        double seconds = 0;  // without waiting for other jobs
    };
    bool hasResult() const;
    void follow();
    void take(const std::vector<std::string>& paths, const Result<Measured>& measured);
    const TextComparisonRow* resultOf(const ReportColumn& column) const;
    QVariant loss(const ReportColumn& column, int role) const;
    QString plainText(const ReportColumn& column) const;

    Parts m_parts;
    std::unique_ptr<NumberFormat> m_format;
    LanguageWatch m_language;
    std::string m_referencePath;
    std::map<std::string, TextComparisonRow> m_results;  // by path
    double m_seconds = 0;
    std::optional<Error> m_problem;
    ReadingJob m_job;
};

}  // namespace sotto::app
