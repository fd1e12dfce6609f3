// CompareController: the Compare page: which models, which question, how it is drawn; the run, and
// what is shown of one that was kept.
//
// Owned by AppFacade; borrows all of its parts. The runs themselves are LiveComparison's. GUI
// thread only.
#pragma once

#include <QColor>
#include <QFont>
#include <QImage>
#include <QObject>
#include <QQmlEngine>
#include <QTimer>
#include <QUrl>
#include <QVariantList>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "app/bridge/delivery_pace.h"
#include "app/bridge/engine_bridge.h"
#include "app/bridge/language_watch.h"
#include "app/compare/compare_column_model.h"
#include "app/compare/comparison_export.h"
#include "app/core/compare/live_comparison.h"
#include "app/core/job_runner.h"

namespace sotto::app {

class ModelController;
class NumberFormat;
class SettingsController;
struct ModelEntry;

class CompareController : public QObject {
    Q_OBJECT
    QML_ELEMENT
    QML_UNCREATABLE("owned by AppFacade")
    Q_PROPERTY(State state READ state NOTIFY changed)
    Q_PROPERTY(bool isRunning READ isRunning NOTIFY changed)
    Q_PROPERTY(QString prompt READ prompt WRITE setPrompt NOTIFY changed)
    Q_PROPERTY(int promptTokens READ promptTokens NOTIFY changed)  // of the last run; 0: not known
    Q_PROPERTY(sotto::app::CompareColumnModel* columns READ columns CONSTANT)
    // Models that can be taken: rows of {text, value}, those of the reference's name first.
    Q_PROPERTY(QVariantList choices READ choices NOTIFY choicesChanged)
    Q_PROPERTY(bool canAdd READ canAdd NOTIFY changed)
    Q_PROPERTY(bool canRun READ canRun NOTIFY changed)
    Q_PROPERTY(bool hasAnswers READ hasAnswers NOTIFY changed)  // there is something to export
    Q_PROPERTY(bool isGreedy READ isGreedy WRITE setGreedy NOTIFY changed)
    Q_PROPERTY(int maxTokens READ maxTokens WRITE setMaxTokens NOTIFY changed)
    Q_PROPERTY(QVariantList tokenChoices READ tokenChoices NOTIFY changed)  // {text, value}
    Q_PROPERTY(int seed READ seed WRITE setSeed NOTIFY changed)  // where it is not greedy
    Q_PROPERTY(QString samplingText READ samplingText NOTIFY changed)
    // The question is a temporary chat's: its run is not kept.
    Q_PROPERTY(bool isPrivate READ isPrivate NOTIFY changed)
    Q_PROPERTY(
        QString problem READ problem NOTIFY changed)  // why a run did not begin, or an export
    Q_PROPERTY(QString announcement READ announcement NOTIFY changed)  // for screen readers

public:
    // NoModels, OneModel: there is nothing to compare. Kept: a run of before is shown.
    enum State { NoModels, OneModel, Choosing, Running, Ended, Kept };
    Q_ENUM(State)

    struct Parts {
        EngineBridge& engine;
        ModelController& models;
        SettingsController& settings;
        JobRunner& jobs;
    };
    explicit CompareController(const Parts& parts, QObject* parent = nullptr);
    ~CompareController() override;

    Q_INVOKABLE void setModel(int column, const QString& path);
    Q_INVOKABLE void addModel(const QString& path);
    Q_INVOKABLE void removeColumn(int column);
    Q_INVOKABLE void run();
    Q_INVOKABLE void stop();
    Q_INVOKABLE void stopColumn(int column);
    Q_INVOKABLE void dismissProblem();
    // A model of the list, or a question of a chat with the model that answers there, is what the
    // page begins with. Nothing while a run is under way.
    Q_INVOKABLE void beginWith(const QString& path);
    // A model and what was made of it; what is not in the list is left to the suggestions.
    Q_INVOKABLE void beginWithPair(const QString& reference, const QString& path);
    Q_INVOKABLE void beginWithQuestion(const QString& question, const QString& path,
                                       bool isTemporary);
    Q_INVOKABLE void copyMarkdown();
    Q_INVOKABLE void saveTo(const QUrl& file);  // Markdown, or JSON by its ending
    // What the page shows of the result, as it was grabbed, below the question: PNG.
    Q_INVOKABLE void savePicture(const QImage& result, const QColor& paper, const QColor& ink,
                                 const QFont& font, const QUrl& file);
    Q_INVOKABLE void tellNoPicture() { m_export.tellNoPicture(); }  // it could not be grabbed

    State state() const;
    bool isRunning() const { return m_live.isRunning(); }
    QString prompt() const { return m_prompt; }
    void setPrompt(const QString& prompt);
    int promptTokens() const;
    CompareColumnModel* columns() { return &m_columns; }
    QVariantList choices() const;
    bool canAdd() const;
    bool canRun() const;
    bool hasAnswers() const;
    bool isGreedy() const { return m_isGreedy; }
    void setGreedy(bool isGreedy);
    int maxTokens() const { return m_maxTokens; }
    void setMaxTokens(int maxTokens);
    QVariantList tokenChoices() const;
    int seed() const { return m_seed; }
    void setSeed(int seed);
    QString samplingText() const;
    QString problem() const;
    QString announcement() const { return m_announcement; }
    bool isPrivate() const { return m_isPrivate; }
    bool isShownPrivate() const { return m_isShownPrivate; }  // of the run that is shown
    // Models are being measured on a text: a run beside it would be told a wrong speed.
    void setMeasuring(bool isMeasuring);
    bool isMeasuring() const { return m_isMeasuring; }
    bool isEngineBusy() const;  // an answer is being written, here or in a chat
    // Of the run that is shown.
    ComparisonReport report() const;
    void showReport(const ComparisonReport& report);
    // Of the models that are chosen, by their paths, as far as the first one is the reference of
    // it. A file of another size is another file: what was measured is not its own.
    struct FileLoss {
        std::uint64_t fileBytes = 0;
        TextComparisonRow row;
    };
    struct TextLoss {
        LossText text;
        std::string referencePath;
        std::map<std::string, FileLoss> rows;

        const TextComparisonRow* of(const ReportColumn& column) const;  // null: not measured
    };
    const TextLoss* loss() const;
    void takeLoss(TextLoss loss);
    int shownRun() const { return m_shownRun; }  // another number: another run, or none
    // What came of asking that column, to which the shown run's reference gave its answer to read.
    void takeForced(int column, const ForcedReading& reading);
    // Marks that in the reference's answer; another column, or -1: nothing.
    Q_INVOKABLE void markForced(int column) { m_columns.markForced(column); }

signals:
    void changed();         // not of what columns tell while they write
    void choicesChanged();  // menus are made of them
    void finished();        // a run has ended, and has answers
    void exported();        // into a file
    void grown();           // there is more to tell of the one that is shown

private:
    void follow();
    void suggest();
    void showChosen(std::vector<ReportColumn> columns);
    void chooseAgain(std::vector<ReportColumn> columns);
    const ModelEntry* entryOf(const QString& path) const;
    std::vector<const ModelEntry*> usable() const;
    // Those of that name first.
    std::vector<const ModelEntry*> usableBy(const QString& name) const;
    ReportColumn columnOf(const ModelEntry& entry) const;
    ReportColumn withoutRun(ReportColumn column) const;
    LoadOptions loadOf(const ReportColumn& column) const;
    void wake();
    void deliver();
    void tellEnd();

    Parts m_parts;
    std::unique_ptr<NumberFormat> m_format;
    LanguageWatch m_language;
    CompareColumnModel m_columns;
    QString m_prompt;
    QString m_askedPrompt;  // of the run that is shown
    bool m_isGreedy = true;
    int m_maxTokens = 512;
    int m_seed = 1;
    std::optional<TextLoss> m_loss;
    ComparisonReport m_shown;  // how the run that is shown was drawn; its columns are m_columns'
    int m_shownRun = 0;
    bool m_isBegun = false;   // a run is shown
    bool m_isKept = false;    // one of before
    bool m_isChosen = false;  // by a person: suggestions end
    bool m_isPrivate = false, m_isShownPrivate = false;
    bool m_isMeasuring = false;
    std::optional<Error> m_problem;
    QString m_announcement;
    ComparisonExport m_export;
    QTimer m_timer;
    DeliveryPace m_pace;
    LiveComparison m_live;  // last: its calls end before the rest goes
};

}  // namespace sotto::app
