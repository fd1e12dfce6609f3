// TextMeasurement: what the columns' models lose against the reference on a text, which is the
// built-in one, a file or the open chat, by the field's protocol (engine/api/compare_text.h), as a
// job of the processor's lane that is shown and can be stopped. What comes of it is the shown run's
// (CompareController::loss).
//
// A row for each column of the page, with what the run measured of its speed. Owned by AppFacade;
// borrows all of its parts. GUI thread only.
#pragma once

#include <QAbstractListModel>
#include <QQmlEngine>
#include <QUrl>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "app/bridge/language_watch.h"
#include "app/compare/compare_controller.h"
#include "app/compare/measured_text.h"
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
    // What is read by the next one: which, as a button says it; whether there is a chat to offer.
    Q_PROPERTY(Source source READ source NOTIFY sourceChanged)
    Q_PROPERTY(QString sourceText READ sourceText NOTIFY sourceChanged)
    Q_PROPERTY(bool hasChat READ hasChat NOTIFY sourceChanged)
    // Of the chart: rows of {label, gigabytes, loss} of what was measured; loss 0: the reference.
    Q_PROPERTY(QVariantList points READ points NOTIFY changed)

public:
    enum State { Idle, Running, Done };
    Q_ENUM(State)
    enum Source { BuiltIn, File, Chat };
    Q_ENUM(Source)
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
        // The conversation that is open; without text: none.
        std::function<MeasuredText()> openChat = {};
        std::function<bool()> hasOpenChat = {};
    };
    explicit TextMeasurement(Parts parts, QObject* parent = nullptr);
    ~TextMeasurement() override;

    Q_INVOKABLE void measure();
    Q_INVOKABLE void stop() { m_job.stop(); }
    Q_INVOKABLE void chooseBuiltIn() { choose(LossSource::BuiltIn); }
    // txt or md, UTF-8, up to kMostTextBytes: it is read by the measurement.
    Q_INVOKABLE void chooseFile(const QUrl& file);
    Q_INVOKABLE void chooseChat() { choose(LossSource::Chat); }
    // Another chat is open now, or has something in it.
    void followChat();

    State state() const { return m_job.isRunningHere() ? Running : hasResult() ? Done : Idle; }
    int count() const { return rowCount(); }
    double share() const { return m_job.share(); }
    QString progressText() const;
    QString problem() const;
    QString subject() const;
    QString reference() const;
    QString summary() const;
    bool canMeasure() const;
    Source source() const { return static_cast<Source>(m_source); }
    QString sourceText() const;
    bool hasChat() const { return m_parts.hasOpenChat && m_parts.hasOpenChat(); }
    QVariantList points() const;

    int rowCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role) const override;
    QHash<int, QByteArray> roleNames() const override;

signals:
    void changed();
    void progressed();
    void sourceChanged();

private:
    struct Measured {
        std::vector<TextComparisonRow> rows;
        std::int64_t chunkTokens = 0;
        double seconds = 0;  // without waiting for other jobs
    };
    struct Order;
    static Result<Measured> measureInJob(const Order& order, JobContext& context);
    bool hasResult() const { return m_parts.reading.compare.loss() != nullptr; }
    void follow();
    void choose(LossSource source);
    MeasuredText wantedText() const;
    void take(const Order& order, const Measured& measured);
    const TextComparisonRow* resultOf(const ReportColumn& column) const;
    QVariant loss(const ReportColumn& column, int role) const;
    QString plainText(const ReportColumn& column) const;

    Parts m_parts;
    std::unique_ptr<NumberFormat> m_format;
    LanguageWatch m_language;
    LossSource m_source = LossSource::BuiltIn;
    std::string m_filePath;
    ReadingJob m_job;
};

}  // namespace sotto::app
