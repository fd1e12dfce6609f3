// DraftModelList: what may guess for the model in use: nothing, the chat's own text, or a smaller
// model of the same vocabulary; why the others of the library cannot; and what each gave in this
// session, against the same model's plain speed.
//
// The choice is the model's own setting, or without a model that of all. A draft model is loaded
// beside the model at its next load. Files are compared off the GUI thread, once each, while
// somebody looks. Owned by AppFacade; borrows its parts. GUI thread only.
#pragma once

#include <QHash>
#include <QQmlEngine>
#include <QString>
#include <optional>
#include <vector>

#include "app/bridge/engine_bridge.h"
#include "app/bridge/language_watch.h"
#include "app/bridge/row_model.h"
#include "app/core/job_runner.h"
#include "engine/api/model_info.h"

namespace sotto::app {

class LayeredSettings;
class ModelController;
class SettingsController;
struct ModelEntry;

class DraftModelList : public sotto::app::RowModel {
    Q_OBJECT
    QML_ELEMENT
    QML_UNCREATABLE("owned by AppFacade")
    // "Qwen3 14B Q4_K_M"; empty: none is loaded, and the choice is for all models.
    Q_PROPERTY(QString modelName READ modelName NOTIFY changed)
    Q_PROPERTY(bool isShown READ isShown WRITE setShown NOTIFY changed)
    Q_PROPERTY(bool isLooking READ isLooking NOTIFY changed)  // files are compared
    // What is chosen guesses after the next load only.
    Q_PROPERTY(bool isLoadNeeded READ isLoadNeeded NOTIFY changed)
    Q_PROPERTY(int count READ count NOTIFY changed)

public:
    enum Kind { Off, Ngram, File, Refused };
    Q_ENUM(Kind)
    enum Role {
        KindRole = Qt::UserRole + 1,
        NameRole,
        QuantizationRole,
        FileBytesRole,  // 0: no file
        ReasonRole,     // Refused: a sentence
        IsChosenRole,
        // Of this session's answers; 0: not measured.
        KeptPerStepRole,
        GainRole,  // 1.9: times the plain speed
        SpeedRole,
        StepCountRole,
        SpokenTextRole,
    };
    Q_ENUM(Role)
    // role names: kind name quantization fileBytes reason isChosen keptPerStep gain speed stepCount
    // spokenText

    struct Parts {
        EngineBridge& engine;
        ModelController& models;
        SettingsController& settings;
        JobRunner& jobs;
    };
    explicit DraftModelList(const Parts& parts, QObject* parent = nullptr);
    ~DraftModelList() override;

    QString modelName() const;
    bool isShown() const { return m_isShown; }
    void setShown(bool isShown);
    bool isLooking() const { return m_looking != 0; }
    bool isLoadNeeded() const;
    int count() const { return static_cast<int>(m_rows.size()); }

    Q_INVOKABLE void choose(int row);  // of a Refused one nothing
    Q_INVOKABLE void loadAgain();      // the model in use, with what is chosen

    int rowCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role) const override;
    QHash<int, QByteArray> roleNames() const override;

signals:
    void changed();

private:
    // What one way gave: of answers that were written alone.
    struct Measured {
        qint64 nTokens = 0;
        double seconds = 0;
        double plainSeconds = 0;  // that the same tokens would have taken without guesses
        qint64 nSteps = 0;        // with guesses in them
        qint64 nAccepted = 0;

        double gain() const { return seconds > 0 ? plainSeconds / seconds : 0; }
        double speed() const { return seconds > 0 ? static_cast<double>(nTokens) / seconds : 0; }
        bool operator==(const Measured&) const = default;
    };
    struct Row {
        Kind kind = Off;
        QString path;  // of a file
        QString name;
        QString quantization;
        qint64 fileBytes = 0;
        QString reason;
        bool isChosen = false;
        Measured measured;

        bool isSameItem(const Row& other) const {
            return (kind == Off || kind == Ngram ? kind == other.kind : path == other.path);
        }
        bool operator==(const Row&) const = default;
    };
    // By path: nothing: it can guess for the model in use.
    using Verdicts = QHash<QString, std::optional<Error>>;

    LayeredSettings& layer() const;
    bool hasModel() const;
    QString chosenFile() const;  // empty: none
    QString wayInUse() const;    // the key of m_measured
    void showRows();
    std::vector<Row> makeRows() const;
    std::optional<Row> rowOf(const ModelEntry& entry, const ModelEntry& model) const;
    QString nameOf(const Row& row) const;
    void look();
    void takeVerdicts(const QString& model, Verdicts verdicts);
    void takeModel(const ModelInfo& info);
    void takeFinish(const GenerationFinished& finish);
    QString spokenText(const Row& row) const;

    Parts m_parts;
    LanguageWatch m_language;
    std::vector<Row> m_rows;
    QString m_modelPath;    // that m_verdicts and m_measured are of
    QString m_loadedDraft;  // path; empty: none
    Verdicts m_verdicts;
    QHash<QString, Measured> m_measured;  // by way: "off", "ngram", or a file's path
    QHash<RequestId, QString> m_open;     // the way of each that is being answered
    bool m_isCrowded = false;             // more than one is
    bool m_isShown = false;
    JobId m_looking = 0;
};

}  // namespace sotto::app
