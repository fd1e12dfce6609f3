// MixListModel: the mixes that a model can be quantized to, largest first, on common scales: size,
// memory, speed, and what each will probably cost.
//
// Owned and filled by QuantizeController. GUI thread only.
#pragma once

#include <QAbstractListModel>
#include <QHash>
#include <QQmlEngine>
#include <QStringList>
#include <memory>
#include <optional>
#include <vector>

#include "app/bridge/language_watch.h"
#include "app/models/forecast_figures.h"
#include "app/workshop/mix_plan.h"

namespace sotto::app {

class NumberFormat;

class MixListModel : public QAbstractListModel {
    Q_OBJECT
    QML_ELEMENT
    QML_UNCREATABLE("owned by QuantizeController")
    // The most bytes that there are for any of them: the limit that all bars are drawn against.
    Q_PROPERTY(double availableBytes READ availableBytes NOTIFY changed)

public:
    enum Role {
        TypeRole = Qt::UserRole + 1,  // "Q4_K_M"
        CanBeMadeRole,
        RefusalRole,  // why it cannot: one sentence
        FileBytesRole,
        BitsPerWeightRole,
        HasForecastRole,
        WeightsBytesRole,  // of the devices that it would lie on
        KvBytesRole,
        ScratchBytesRole,
        MemoryScaleRole,  // bytes at the right end of all bars
        AvailableBytesRole,
        IsOverRole,   // it needs more than that
        IsTightRole,  // it fits with a shorter context only
        MemoryTextRole,
        ForecastNoteRole,    // for which context, and what the speed follows from
        PredictedSpeedRole,  // tokens/s; 0: not known
        IsAtLeastRole,
        SpeedLimitRole,       // tokens/s; 0: not known
        SpeedShareRole,       // of the common scale, 0..1
        LimitShareRole,       // the same
        DivergenceRole,       // measured or expected, nats per token; 0: not known
        DivergenceShareRole,  // of the common scale, 0..1
        IsDivergenceMeasuredRole,
        MeasuredSpeedRole,  // tokens/s, of the installed file; 0: none was
        IsSuggestedRole,
        IsInstalledRole,
        SpokenTextRole,  // the row as a sentence, for screen readers
    };
    Q_ENUM(Role)
    // role names: type canBeMade refusal fileBytes bitsPerWeight hasForecast weightsBytes kvBytes
    // scratchBytes memoryScale availableBytes isOver isTight memoryText forecastNote predictedSpeed
    // isAtLeast speedLimit speedShare limitShare divergence divergenceShare isDivergenceMeasured
    // measuredSpeed isSuggested isInstalled spokenText

    explicit MixListModel(QObject* parent = nullptr);
    ~MixListModel() override;

    // A new source, or other conditions: `installed` are the types that lie here already.
    void begin(const QStringList& installed, bool hasImportance);
    // What was measured of a file of this mix that lies here; 0: it was not.
    struct Measured {
        double divergence = 0;       // nats per token from the source, on the built-in text
        double tokensPerSecond = 0;  // of an answer
    };
    // By type. It is shown in place of what is expected, which alone decides what is suggested.
    void setMeasured(const QHash<QString, Measured>& measured);
    // How figures are made of forecasts; see figuresOf().
    struct Machine {
        bool hasCard = false;
        double readGbS = 0;
    };
    void add(MixPlan plan, const Machine& machine);
    // The row of a target, in place of the one before.
    void setTarget(MixPlan plan, const Machine& machine);
    void addRefused(const std::string& type, const Error& error);
    // The rates are others, or the bandwidth.
    void forecastAgain(const ForecastSetting& setting, const Machine& machine);

    // Of those that fit and have kernels, the smallest that costs nothing that one would notice,
    // among those that write as fast as one reads where any does; else the one that costs least,
    // else the smallest of all. Empty: none can be made.
    QString suggested() const;
    bool isLargestFitting() const;                     // into the memory that there is
    const MixPlan* planOf(const QString& type) const;  // null: not here, or refused
    int rowOf(const QString& type) const;              // -1: not here
    Q_INVOKABLE QString typeAt(int row) const;         // empty: not one that can be made

    double availableBytes() const;
    int rowCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role) const override;
    QHash<int, QByteArray> roleNames() const override;

signals:
    void changed();

private:
    struct Row {
        MixPlan plan;
        std::optional<Error> refusal;
        ForecastFigures figures;

        bool canBeMade() const { return !refusal; }
        bool isTarget() const { return plan.budget.isThere(); }
    };
    void insert(Row row);
    void tellAll();
    void followLanguage();
    QVariant figure(const Row& row, int role) const;
    double speedScale() const;
    double memoryScale() const;
    double divergenceOf(const Row& row) const;  // expected
    Measured measuredOf(const Row& row) const;
    double shownDivergence(const Row& row) const;
    double shownSpeed(const Row& row) const;
    bool isSuggestable(const Row& row, bool isFastWanted) const;
    const Row* best(bool isFastWanted) const;  // null: none
    QString spokenText(const Row& row) const;

    std::unique_ptr<NumberFormat> m_format;
    LanguageWatch m_language;
    std::vector<Row> m_rows;  // by file size, the refused ones behind
    QStringList m_installed;
    QHash<QString, Measured> m_measured;
    bool m_hasImportance = false;
};

}  // namespace sotto::app
