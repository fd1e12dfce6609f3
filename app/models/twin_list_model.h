// TwinListModel: model files that lie on this computer twice, a row per file, those of one content
// one after the other, and what would become free.
//
// Owned by InstalledController. Files are read by a job, and only those that another one is as
// large as. Borrows list and jobs. GUI thread only.
#pragma once

#include <QAbstractListModel>
#include <QQmlEngine>
#include <QTimer>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "app/bridge/language_watch.h"
#include "app/core/file_identity.h"
#include "app/core/job_runner.h"
#include "app/core/model_places.h"

namespace sotto::app {

class ModelListModel;
class NumberFormat;

class TwinListModel : public QAbstractListModel {
    Q_OBJECT
    QML_ELEMENT
    QML_UNCREATABLE("owned by InstalledController")
    Q_PROPERTY(State state READ state NOTIFY changed)
    Q_PROPERTY(double share READ share NOTIFY progressed)  // Searching: of what is to be read, 0..1
    Q_PROPERTY(double totalBytes READ totalBytes NOTIFY progressed)  // Searching; 0: not known yet
    Q_PROPERTY(double freedBytes READ freedBytes NOTIFY changed)     // with one of each kept
    Q_PROPERTY(QString problem READ problem NOTIFY changed)          // Failed: cause and remedy
    Q_PROPERTY(int count READ rowCountProperty NOTIFY changed)

public:
    enum State { Idle, Searching, Found, None, Failed };
    Q_ENUM(State)

    enum Role {
        NameRole = Qt::UserRole + 1,
        PathRole,
        QuantizationRole,
        ProgramRole,     // whose folder it lies in; empty: none that is known
        IsFirstRole,     // of its content
        GroupTextRole,   // IsFirst: how many there are, and what becomes free
        SpokenTextRole,  // the row as a sentence, for screen readers
    };
    Q_ENUM(Role)
    // role names: name path quantization program isFirst groupText spokenText

    struct Parts {
        ModelListModel& models;
        JobRunner& jobs;
        std::function<std::vector<ModelPlace>()> listPlaces;
        QString cacheFolder;  // where hashes are remembered; empty: nowhere
    };
    explicit TwinListModel(Parts parts, QObject* parent = nullptr);
    ~TwinListModel() override;

    Q_INVOKABLE void search();
    Q_INVOKABLE void stop();  // what was read is remembered
    // Asks the disk whether its files are still those that were read: confirmed(), or another
    // search.
    Q_INVOKABLE void confirm(const QString& path);
    void forget(const QString& path);  // it went to the bin

    State state() const { return m_state; }
    double share() const;
    double totalBytes() const { return static_cast<double>(m_progress.total); }
    double freedBytes() const;
    QString problem() const;
    int rowCountProperty() const { return rowCount(); }

    int rowCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role) const override;
    QHash<int, QByteArray> roleNames() const override;

signals:
    void changed();
    void progressed();
    void confirmed(const QString& path);

private:
    struct Row {
        int group = 0;
        QString name;
        QString path;
        QString quantization;
        QString program;
        qint64 bytes = 0;
        std::vector<std::optional<FileIdentity>> parts = {};  // as they were when they were read
    };
    void take(const Result<std::vector<Row>>& rows);
    void show(std::vector<Row> rows);
    void lookAtProgress();
    int sizeOf(int group) const;
    bool isFirst(int row) const;
    QString groupText(const Row& row) const;
    void followLanguage();

    Parts m_parts;
    std::unique_ptr<NumberFormat> m_format;
    LanguageWatch m_language;
    QTimer m_watch;  // of the progress
    State m_state = Idle;
    JobId m_searching = 0;
    JobProgress m_progress;
    std::optional<Error> m_error;
    std::vector<Row> m_rows;
};

}  // namespace sotto::app
