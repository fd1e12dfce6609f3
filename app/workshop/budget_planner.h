// BudgetPlanner: a model as large as a person wants it, beside the mixes of the field: what it
// would come to, planned when it is asked for, since a sample of each tensor is quantized for it.
//
// Owned by QuantizeController, which gets the plan. The planning is a job of the processor's short
// lane, so that a quantization under way does not hold it up; it can be stopped. GUI thread only.
#pragma once

#include <QObject>
#include <QQmlEngine>
#include <QTimer>
#include <functional>
#include <memory>
#include <optional>

#include "app/bridge/language_watch.h"
#include "app/core/job_runner.h"
#include "app/workshop/mix_plan.h"

namespace sotto::app {

class NumberFormat;

class BudgetPlanner : public QObject {
    Q_OBJECT
    QML_ELEMENT
    QML_UNCREATABLE("owned by QuantizeController")
    Q_PROPERTY(Kind kind READ kind WRITE setKind NOTIFY changed)
    Q_PROPERTY(QString value READ value WRITE setValue NOTIFY changed)  // as it is typed
    Q_PROPERTY(QString unit READ unit NOTIFY changed)                   // of it
    Q_PROPERTY(bool isPlanning READ isPlanning NOTIFY changed)
    Q_PROPERTY(QString progressText READ progressText NOTIFY progressed)
    // Why there is no plan; empty: nothing stands against one.
    Q_PROPERTY(QString problem READ problem NOTIFY changed)
    Q_PROPERTY(QString resultText READ resultText NOTIFY changed)  // of the last plan; empty: none

public:
    // What is limited: bits per weight, bytes of the file, or of the memory once it is loaded.
    enum Kind { Bits, FileSize, Memory };
    Q_ENUM(Kind)

    Q_INVOKABLE void plan();
    Q_INVOKABLE void stop();

    struct Parts {
        JobRunner& jobs;
        std::function<QuantizeOrder()> order;  // without type and budget
        std::function<ForecastSetting()> setting;
        std::function<void(MixPlan)> take;
    };
    explicit BudgetPlanner(Parts parts, QObject* parent = nullptr);
    ~BudgetPlanner() override;

    // What a value begins with, as long as nobody has typed one.
    struct Offer {
        double memoryBytes = 0;  // that there are for a model; 0: not known
        double fileBytes = 0;    // of the suggested mix; 0: none
        bool isLargestFitting = true;
    };
    void setOffer(const Offer& offer);
    void forget();  // plan and problem: the source or its conditions are others
    void begin();   // another source: what was typed goes, too

    Kind kind() const { return m_kind; }
    void setKind(Kind kind);
    QString value() const { return m_value; }
    void setValue(const QString& value);
    QString unit() const;
    bool isPlanning() const { return m_job != 0; }
    QString progressText() const;
    QString problem() const;
    QString resultText() const;

signals:
    void changed();
    void progressed();

private:
    QString offered() const;
    std::optional<double> amount() const;
    void look();
    void take(Result<MixPlan> plan);

    Parts m_parts;
    std::unique_ptr<NumberFormat> m_format;
    LanguageWatch m_language;
    QTimer m_watch;
    Kind m_kind = Bits;
    QString m_value;
    bool m_isTyped = false, m_isKindChosen = false;
    Offer m_offer;
    JobId m_job = 0;
    int m_nPlans = 0;  // the newest one counts
    JobProgress m_progress;
    bool m_isNoNumber = false;
    std::optional<Error> m_error;
    std::optional<MixPlan> m_plan;  // it may be no smaller than its source
};

}  // namespace sotto::app
