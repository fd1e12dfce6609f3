// QuantizeController: the dialog that makes a smaller model of one that is here: what each mix
// would come to, where the new file goes, and the job that makes it.
//
// Owned by AppFacade; borrows all of its parts. Headers are read and disks are asked on workers,
// one mix after the other while the dialog is open. The job goes on without the dialog and is in
// the list of jobs; when it is over, the new file is in the list of models. GUI thread only.
#pragma once

#include <QObject>
#include <QQmlEngine>
#include <QTimer>
#include <QUrl>
#include <QVariantList>
#include <functional>
#include <memory>
#include <optional>

#include "app/bridge/language_watch.h"
#include "app/bridge/storage_bridge.h"
#include "app/core/job_runner.h"
#include "app/core/jobs/quantize_jobs.h"
#include "app/workshop/budget_planner.h"
#include "app/workshop/importance_finder.h"
#include "app/workshop/kept_losses.h"
#include "app/workshop/mix_list_model.h"
#include "app/workshop/quantize_methods.h"
#include "app/workshop/quantize_target.h"
#include "app/workshop/quantize_texts.h"
#include "base/rate_meter.h"

namespace sotto::app {

class ModelController;
class NumberFormat;

// In place of a file: an importance matrix is measured on the built-in text before the model is
// quantized, and kept.
inline constexpr const char* kMeasuredImportance = "measure";

class QuantizeController : public QObject {
    Q_OBJECT
    QML_ELEMENT
    QML_UNCREATABLE("owned by AppFacade")
    Q_PROPERTY(State state READ state NOTIFY changed)
    Q_PROPERTY(sotto::app::MixListModel* mixes READ mixes CONSTANT)
    Q_PROPERTY(sotto::app::BudgetPlanner* budget READ budget CONSTANT)  // a target beside them
    Q_PROPERTY(sotto::app::ImportanceFinder* published READ published CONSTANT)  // on a hub
    Q_PROPERTY(sotto::app::QuantizeMethods* methods READ methods CONSTANT)
    // A path; empty: none. Setting it opens that one.
    Q_PROPERTY(QString source READ source WRITE setSource NOTIFY changed)
    Q_PROPERTY(bool isSourceInstalled READ isSourceInstalled NOTIFY changed)
    // The installed models, and what was chosen besides.
    Q_PROPERTY(QVariantList sourceChoices READ sourceChoices NOTIFY changed)
    Q_PROPERTY(QString name READ name NOTIFY changed)              // of the model
    Q_PROPERTY(QString sourceType READ sourceType NOTIFY changed)  // "F16"
    Q_PROPERTY(QString sourceText READ sourceText NOTIFY changed)  // "29.54 GB, 443 tensors"
    Q_PROPERTY(int contextTokens READ contextTokens WRITE setContextTokens NOTIFY changed)
    // A path, or kMeasuredImportance; empty: none.
    Q_PROPERTY(QString importance READ importance WRITE setImportance NOTIFY changed)
    Q_PROPERTY(QVariantList importanceChoices READ importanceChoices NOTIFY changed)
    Q_PROPERTY(QString type READ type WRITE setType NOTIFY changed)  // that is chosen
    Q_PROPERTY(int chosenRow READ chosenRow NOTIFY changed)          // of mixes; -1: none
    Q_PROPERTY(QString targetPath READ targetPath NOTIFY changed)
    Q_PROPERTY(QString folder READ folder WRITE setFolder NOTIFY changed)
    Q_PROPERTY(QVariantList folderChoices READ folderChoices NOTIFY changed)
    Q_PROPERTY(QString fileName READ fileName WRITE setFileName NOTIFY changed)
    // "10.51 GB of 426 GB free"; empty: not known yet.
    Q_PROPERTY(QString roomText READ roomText NOTIFY changed)
    // What one should know before it starts; empty: nothing.
    Q_PROPERTY(QString warning READ warning NOTIFY changed)
    // Why it cannot start, or why the last run ended; Failed: why the source cannot be read.
    Q_PROPERTY(QString problem READ problem NOTIFY changed)
    Q_PROPERTY(QString failureTitle READ failureTitle NOTIFY changed)  // Failed: in a few words
    Q_PROPERTY(bool canStart READ canStart NOTIFY changed)
    // Running: of the source, and in words.
    Q_PROPERTY(double share READ share NOTIFY progressed)  // 0..1
    Q_PROPERTY(QString progressText READ progressText NOTIFY progressed)
    Q_PROPERTY(QString paceText READ paceText NOTIFY progressed)
    // The last file that was made, also without the dialog: a sentence; empty: none, or dismissed.
    Q_PROPERTY(QString madeText READ madeText NOTIFY madeChanged)
    Q_PROPERTY(QString madePath READ madePath NOTIFY madeChanged)
    // How it was made: method, text, importance matrix.
    Q_PROPERTY(QString madeNote READ madeNote NOTIFY madeChanged)

public:
    // NoSource: nothing is chosen yet. Planning: some mixes are still to come. Waiting: behind
    // another job.
    enum State { Closed, NoSource, Planning, Ready, Failed, Waiting, Running, Made };
    Q_ENUM(State)

    Q_INVOKABLE void open(const QString& path);
    // With the installed model that gives the best files: the largest that is not quantized, or the
    // largest; without one there is no source.
    Q_INVOKABLE void openBest();
    // A GGUF file, or a folder of Hugging Face's form.
    Q_INVOKABLE void chooseSource(const QUrl& place);
    Q_INVOKABLE void close();  // what runs goes on
    // The nearest one before (-1) or behind (1) the chosen one that can be made; -1: none.
    Q_INVOKABLE int nextRow(int by) const;
    Q_INVOKABLE void chooseFolder(const QUrl& folder);
    Q_INVOKABLE void chooseImportance(const QUrl& file);
    Q_INVOKABLE void start();
    Q_INVOKABLE void stop();      // what runs
    Q_INVOKABLE void loadMade();  // and thinks no more of it
    Q_INVOKABLE void dismissMade();

    struct Parts {
        ModelController& models;
        StorageBridge& storage;
        JobRunner& jobs;
        QuantizeJobs& quantizing;
        QString ownFolder;                   // of the program, for models; empty: none
        std::function<int()> contextTokens;  // that models are loaded with, by Settings
        QString measuredText = {};     // that importance matrices are measured on; empty: none
        HubController* hub = nullptr;  // where published ones are; null: there is none
    };
    explicit QuantizeController(Parts parts, QObject* parent = nullptr);
    ~QuantizeController() override;

    State state() const { return m_state; }
    MixListModel* mixes() { return &m_mixes; }
    BudgetPlanner* budget() { return m_budget.get(); }
    ImportanceFinder* published() { return m_published.get(); }
    QuantizeMethods* methods() { return m_methods.get(); }
    QString source() const { return m_source; }
    void setSource(const QString& path);
    bool isSourceInstalled() const;
    QVariantList sourceChoices() const;
    QString name() const { return m_name; }
    QString sourceType() const { return m_sourceType; }
    QString sourceText() const;
    int contextTokens() const { return m_contextTokens; }
    void setContextTokens(int tokens);
    QString importance() const { return m_importance; }
    void setImportance(const QString& path);
    QVariantList importanceChoices() const;
    QString type() const { return m_type; }
    void setType(const QString& type);
    int chosenRow() const { return m_mixes.rowOf(m_type); }
    QString targetPath() const;
    QString folder() const { return m_folder; }
    void setFolder(const QString& folder);
    QVariantList folderChoices() const;
    QString fileName() const { return m_fileName; }
    void setFileName(const QString& name);
    QString roomText() const;
    QString warning() const;
    QString problem() const;
    QString failureTitle() const;
    bool canStart() const;
    double share() const;
    QString progressText() const;
    QString paceText() const;
    QString madeText() const;
    QString madePath() const {
        return m_made ? QString::fromStdString(m_made->order.target.string()) : QString();
    }
    QString madeNote() const { return m_made ? madeNoteOf(*m_made) : QString(); }

    // The state of its job may have changed.
    void look();

signals:
    void changed();
    void progressed();
    void madeChanged();

private:
    bool isOpen() const { return m_state == Planning || m_state == Ready; }
    void dropPlans();
    void plan();
    void planNext();
    void takePlan(const std::string& type, Result<MixPlan> plan);
    void chooseSuggested();
    void offerTarget();
    void takeTarget(MixPlan plan);
    void lookAtLosses();
    void readLosses(std::vector<std::string> reports);
    void tellMeasured();
    void lookAtDisk();
    QString diskProblem() const;
    void takeDiskLook(TargetLook look);
    void takePublished(const QString& path);
    bool isOfImportance(const Error& error) const;
    void takeMethod();
    void suggestName();
    QuantizeOrder orderFor(const std::string& type) const;
    ForecastSetting setting() const;
    MixListModel::Machine machine() const;
    void takeOutcome(const QuantizeOutcome& outcome);
    void takeMade(const QuantizeOutcome& outcome);
    void setState(State state);

    Parts m_parts;
    std::unique_ptr<NumberFormat> m_format;
    LanguageWatch m_language;
    MixListModel m_mixes;
    std::unique_ptr<BudgetPlanner> m_budget;
    std::unique_ptr<QuantizeMethods> m_methods;
    std::unique_ptr<ImportanceFinder> m_published;
    QTimer m_watch;  // of the progress
    State m_state = Closed;
    QString m_source, m_name, m_sourceType;
    QStringList m_otherSources;  // chosen by a person, and not installed
    qint64 m_sourceBytes = 0;
    int m_contextTokens = 0;
    QString m_importance;
    QStringList m_importances;   // that are offered, those of a hub first
    QString m_importanceFolder;  // where those of a hub lie
    std::vector<std::string> m_toPlan;
    bool m_isFirstPlan = true;
    JobId m_planning = 0, m_looking = 0;
    int m_nPlans = 0, m_nLooks = 0;  // the newest one counts
    QString m_type;
    bool m_isTypeChosen = false;  // by a person
    QString m_folder, m_fileName;
    QStringList m_folders;        // that are offered
    bool m_isNameChosen = false;  // by a person
    std::optional<TargetLook> m_disk;
    std::vector<KeptLoss> m_losses;  // of the source's offspring
    int m_nLossLooks = 0;            // the newest one counts
    std::optional<Error> m_error;
    std::optional<QuantizeOrder> m_order;  // of the job that this dialog started
    JobId m_job = 0;
    JobState m_jobState = JobState::Waiting;
    JobProgress m_progress;
    RateMeter m_rate;
    std::optional<QuantizeOutcome> m_made;  // the last one, with its report; until dismissed
};

}  // namespace sotto::app
