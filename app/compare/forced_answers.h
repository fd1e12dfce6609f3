// ForcedAnswers: asks models of the page where they would have gone another way in the reference's
// answer, which they are given to read (engine/api/compare_answer.h). What comes of it stands in
// the columns (CompareColumnModel).
//
// Owned by AppFacade; borrows all of its parts. GUI thread only.
#pragma once

#include <QObject>
#include <QQmlEngine>
#include <memory>

#include "app/bridge/language_watch.h"
#include "app/compare/reading_job.h"
#include "app/core/compare/forced_reading.h"

namespace sotto::app {

class ForcedAnswers : public QObject {
    Q_OBJECT
    QML_ELEMENT
    QML_UNCREATABLE("owned by AppFacade")
    Q_PROPERTY(bool canAsk READ canAsk NOTIFY changed)
    Q_PROPERTY(int column READ column NOTIFY changed)  // that is being asked; -1: none
    Q_PROPERTY(QString progressText READ progressText NOTIFY progressed)
    Q_PROPERTY(QString problem READ problem NOTIFY changed)  // why the last one came to nothing

public:
    explicit ForcedAnswers(const ReadingJob::Parts& parts, QObject* parent = nullptr);
    ~ForcedAnswers() override;

    // Of a run that has ended, whose reference has written something.
    Q_INVOKABLE void ask(int column);
    Q_INVOKABLE void stop() { m_job.stop(); }
    Q_INVOKABLE void dismissProblem();

    bool canAsk() const;
    int column() const;
    QString progressText() const;
    QString problem() const;

signals:
    void changed();
    void progressed();

private:
    ReadingJob::Parts m_parts;
    std::unique_ptr<NumberFormat> m_format;
    LanguageWatch m_language;
    int m_column = -1;  // that was asked last
    ReadingJob m_job;
};

}  // namespace sotto::app
