// ModelListModel: the models that can be loaded: the built-in demo first, then files by last use.
#pragma once

#include <QAbstractListModel>
#include <QQmlEngine>
#include <vector>

namespace sotto::app {

// One model that can be chosen. Memory, context and bytes per token are the allocator's dry run,
// not a guess by size.
struct ModelEntry {
    QString name;
    QString path;
    QString quantization;
    qint64 fileBytes = 0;
    qint64 memoryBytes = 0;
    qint64 bytesPerToken = 0;
    int contextTokens = 0;
    bool isShortened = false;  // fits only with a shorter context than asked for
    bool isDemo = false;
    bool isReadable = true;
    QString problem;

    bool operator==(const ModelEntry&) const = default;
};

class ModelListModel : public QAbstractListModel {
    Q_OBJECT
    QML_ELEMENT
    QML_UNCREATABLE("owned by ModelController")
    Q_PROPERTY(int count READ rowCountProperty NOTIFY countChanged)

public:
    enum Fit { Unknown, IsLoaded, Fits, FitsShorter, DoesNotFit, Unreadable };
    Q_ENUM(Fit)

    enum Role {
        NameRole = Qt::UserRole + 1,
        PathRole,
        QuantizationRole,
        FileBytesRole,
        MemoryBytesRole,    // predicted at the context it would be loaded with; 0 unknown
        ContextTokensRole,  // that context
        FitRole,
        PredictedSpeedRole,  // tokens/s: measured bandwidth over bytes per token; 0 unknown
        IsDemoRole,
        ProblemRole,  // Unreadable, DoesNotFit: the sentence, translated
    };
    Q_ENUM(Role)
    // role names: name path quantization fileBytes memoryBytes contextTokens fit predictedSpeed
    // isDemo problem

    explicit ModelListModel(QObject* parent = nullptr);

    void setEntries(std::vector<ModelEntry> entries);
    void setLoadedPath(const QString& path);
    // RAM that a model may take (bytes) and read bandwidth (GB/s; 0: not measured yet).
    void setMachine(qint64 memoryAvailable, double readBandwidth);
    const std::vector<ModelEntry>& entries() const { return m_entries; }
    int rowCountProperty() const { return rowCount(); }

    int rowCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role) const override;
    QHash<int, QByteArray> roleNames() const override;

signals:
    void countChanged();

private:
    Fit fit(const ModelEntry& entry) const;
    void tellAll();

    std::vector<ModelEntry> m_entries;
    QString m_loadedPath;
    qint64 m_memoryAvailable = 0;
    double m_readBandwidth = 0;
};

}  // namespace sotto::app
