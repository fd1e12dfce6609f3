// ModelListModel: the models that can be loaded: the built-in demo first, then files by last use.
#pragma once

#include <QHash>
#include <QQmlEngine>
#include <memory>
#include <vector>

#include "app/bridge/language_watch.h"
#include "app/bridge/row_model.h"
#include "app/core/model_forecast.h"
#include "app/core/settings_layers.h"

namespace sotto::app {

// Tokens per second that most people read at: what writes as fast is fast enough.
inline constexpr double kReadingSpeed = 10;

class NumberFormat;
struct ModelEntry;

class ModelListModel : public sotto::app::RowModel {
    Q_OBJECT
    QML_ELEMENT
    QML_UNCREATABLE("owned by ModelController")
    Q_PROPERTY(int count READ rowCountProperty NOTIFY countChanged)
    // Any besides the built-in one.
    Q_PROPERTY(bool hasOwn READ hasOwn NOTIFY countChanged)
    Q_PROPERTY(bool hasPredictions READ hasPredictions NOTIFY predictionsChanged)
    Q_PROPERTY(double bytes READ bytes NOTIFY predictionsChanged)  // of all files

public:
    enum Fit { Unknown, IsLoaded, Fits, FitsShorter, DoesNotFit, Unreadable };
    Q_ENUM(Fit)

    // Where it lies or would lie. CardTooSmall: on the processor, for want of graphics memory.
    enum Placement { OnProcessor, OnCard, Split, CardTooSmall };
    Q_ENUM(Placement)

    enum Role {
        NameRole = Qt::UserRole + 1,
        PathRole,
        FileNameRole,     // see ModelEntry
        FolderRole,       // without the home folder in front
        DistinctionRole,  // see distinguish()
        ArchitectureRole,
        QuantizationRole,
        FileBytesRole,
        MemoryBytesRole,    // predicted at the context it would be loaded with; 0 unknown
        CardBytesRole,      // what of it is on the graphics card
        ContextTokensRole,  // that context
        FitRole,
        PlacementRole,
        CardLayersRole,  // of so many on the graphics card
        LayerCountRole,
        PredictedSpeedRole,  // tokens/s, see speedOf(); 0 unknown
        IsDemoRole,
        IsSuggestedRole,  // see suggestedRow()
        ProblemRole,      // Unreadable, DoesNotFit: the sentence, translated
        IsLoadedRole,
        CanLoadRole,    // worth a try
        IsProblemRole,  // it cannot be used as things are
        NoteRole,       // one line: does it fit, where would it lie
        PlacementTextRole,
        OriginTextRole,     // in a word what it is, or why it cannot be used
        SpokenTextRole,     // the row as a sentence, for screen readers
        MeasuredSpeedRole,  // tokens/s of its last answer that tells; 0: none yet
        LastUsedRole,       // ms since 1970 UTC; 0: never
        IsFavouriteRole,
        OwnNameRole,      // that the model has by itself, whatever it is called here
        SpeedNoteRole,    // what the prediction follows from, a sentence
        OwnLoadTextRole,  // the parameters that it is loaded with by itself; empty: none
    };
    Q_ENUM(Role)
    // role names: name path fileName folder distinction architecture quantization fileBytes
    // memoryBytes cardBytes contextTokens fit placement cardLayers layerCount predictedSpeed isDemo
    // problem isLoaded canLoad isProblem note placementText originText spokenText isSuggested
    // measuredSpeed lastUsedAt isFavourite ownName speedNote ownLoadText

    explicit ModelListModel(QObject* parent = nullptr);
    ~ModelListModel() override;

    // Rows whose file stays keep their place in views, whatever changes in them.
    void setEntries(std::vector<ModelEntry> entries);
    void setLoadedPath(const QString& path);
    // Of the processor and the chosen card, as they are now.
    void setRates(KnownRates rates);
    // By path. What was measured corrects the prediction.
    struct Speed {
        double measured = 0;  // tokens/s
        // Of predictions, see correctionOf().
        double rateCorrection = 1;
        double bandwidthCorrection = 1;

        bool operator==(const Speed&) const = default;
    };
    void setSpeeds(QHash<QString, Speed> speeds);
    // Uncorrected, with so many tokens in the cache; 0 unknown.
    ModelSpeed forecastOf(const QString& path, double depth) const;
    const std::vector<ModelEntry>& entries() const { return m_entries; }
    const ModelEntry* find(const QString& path) const;  // null: it is not in the list
    int rowCountProperty() const { return rowCount(); }
    bool hasOwn() const;
    // Of the user's own models the largest that fits and writes as fast as one reads, else the
    // fastest; -1: none fits.
    int suggestedRow() const { return m_suggested; }
    // Whether any model has a predicted speed.
    bool hasPredictions() const;
    qint64 bytes() const;  // of all their files

    int rowCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role) const override;
    QHash<int, QByteArray> roleNames() const override;

signals:
    void countChanged();
    void predictionsChanged();

private:
    Fit fit(const ModelEntry& entry) const;
    ModelSpeed speedAt(const ModelEntry& entry, double depth) const;
    double predictedSpeed(const ModelEntry& entry) const;
    void suggest();
    void tellAll();
    void followLanguage();

    std::unique_ptr<NumberFormat> m_format;
    LanguageWatch m_language;
    std::vector<ModelEntry> m_entries;
    QHash<QString, Speed> m_speeds;
    QString m_loadedPath;
    int m_suggested = -1;
    KnownRates m_rates;
};

// One model that can be chosen. Memory, context, layers and bytes per token are the allocator's dry
// run, not a guess by size.
struct ModelEntry {
    QString name;     // as shown
    QString ownName;  // of the model itself
    QString path;
    QString fileName;     // or what the program calls it whose folder it lies in: "llama3.2:3b"
    QString distinction;  // see distinguish()
    QString architecture;
    QString quantization;
    qint64 fileBytes = 0;
    qint64 memoryBytes = 0;  // on all devices
    qint64 cardBytes = 0;    // what of it is on the graphics card
    qint64 bytesPerToken = 0;
    qint64 cardBytesPerToken = 0;
    std::vector<WeightUse> weightUse;  // what those are, by tensor type
    qint64 kvBytes = 0;                // of that context, on all devices
    int contextTokens = 0;
    int nLayers = 0;
    int nCardLayers = 0;
    ModelListModel::Placement placement = ModelListModel::OnProcessor;
    bool isShortened = false;  // fits only with a shorter context than asked for
    bool isTooLarge = false;   // fits nowhere
    bool isUnpacked = false;   // has types that become F16 when it is loaded
    bool isDemo = false;
    bool isReadable = true;
    bool isFavourite = false;
    qint64 lastUsedAt = 0;  // ms since 1970 UTC; 0: never
    LoadSettings ownLoad;
    QString problem;

    bool isSameItem(const ModelEntry& other) const { return path == other.path; }
    bool operator==(const ModelEntry&) const = default;
};

// "Qwen3 8B Q4_K_M"
inline QString nameWithType(const ModelEntry& entry) {
    return entry.quantization.isEmpty() ? entry.name
                                        : entry.name + QLatin1Char(' ') + entry.quantization;
}

// What a forecast of speed wants to know of it.
ModelInfo plannedInfo(const ModelEntry& entry);

}  // namespace sotto::app
